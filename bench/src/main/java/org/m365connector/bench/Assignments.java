package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.CommonClientConfigs;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.view.TopicView;

/**
 * An administrator gives a million portal users their accounts in one file: how fast, in how much memory, and whether single
 * changes are still seen at once while the million is on its way to the readers; then what a reader needs for all of them.
 * {@code M365_BENCH_ROWS} asks for fewer.
 */
final class Assignments {
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalId LARGE = new PortalId("large");
    private static final PortalId SMALL = new PortalId("small");
    private static final int FEW_ROWS = 10_000;
    private static final int SINGLE_CHANGES = 300;
    private static final int CHANGES_PER_SECOND = 10;
    private static final long SEED = 20261128;
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);
    private final int rows = Integer.parseInt(
            Optional.ofNullable(System.getenv("M365_BENCH_ROWS")).orElse("1000000"));
    private final HttpClient http = HttpClient.newHttpClient();

    Assignments(Checkout checkout) {
        this.checkout = checkout;
    }

    void measure(Report report) {
        report.seed(SEED);
        Path work = checkout.root().resolve("target/bench/assignments");
        try (AssignmentStage stage = new AssignmentStage(checkout, work)) {
            stage.onboard(SMALL, MAIN, new PortalUser(user(0)));
            stage.onboard(LARGE, MAIN, new PortalUser(user(0)));
            imports(report, stage);
            singleChanges(report, stage);
            awaitAll(report, stage);
            view(report, stage);
        }
    }

    private void imports(Report report, AssignmentStage stage) {
        progress.say("A file of " + FEW_ROWS + " assignments, to see what memory that takes");
        importRows(stage, SMALL, FEW_ROWS);
        stage.replica().forgetPeak();
        importRows(stage, SMALL, FEW_ROWS);
        long few = stage.replica().peakMegabytes();
        progress.say("A file of " + rows);
        stage.replica().forgetPeak();
        long begun = System.nanoTime();
        importRows(stage, LARGE, rows);
        double seconds = (System.nanoTime() - begun) / 1e9;
        report.beside("rows", rows, "");
        report.beside("import_rows_per_s", rows / seconds, "1/s");
        report.beside("import_peak_mb of " + FEW_ROWS, few, "MB");
        report.below(few + 64, "import_peak_mb", stage.replica().peakMegabytes(), "MB");
    }

    private void importRows(AssignmentStage stage, PortalId portal, int count) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stage.url() + path(portal) + "/import"))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new Rows(count)))
                .build();
        HttpResponse<String> answer = send(request);
        if (answer.statusCode() != 200) {
            throw new LocalException("The import was answered " + answer.statusCode() + " " + answer.body());
        }
    }

    /** At fixed moments, while the readers are still being told of the file. */
    private void singleChanges(Report report, AssignmentStage stage) {
        progress.say(
                SINGLE_CHANGES + " single changes, " + CHANGES_PER_SECOND + " a second, while the file is being told");
        Map<String, Long> due = new ConcurrentHashMap<>();
        Histogram seen = new ConcurrentHistogram(3);
        try (TopicView<AssignmentsRecord> view = TopicView.assignments(
                        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, stage.bootstrapServers()))
                .onChange((key, old, now) -> {
                    Long since = now.filter(record -> record.accounts().size() == 2)
                            .map(record -> due.remove(key))
                            .orElse(null);
                    if (since != null) {
                        seen.recordValue((System.nanoTime() - since) / 1_000);
                    }
                })
                .start()) {
            awaitReady(view);
            List<JsonNode> picked = some(stage);
            ScheduledExecutorService clock = Executors.newScheduledThreadPool(4);
            long first = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            for (int i = 0; i < picked.size(); i++) {
                JsonNode assignment = picked.get(i);
                long at = first + TimeUnit.SECONDS.toNanos(1) * i / CHANGES_PER_SECOND;
                var unused = clock.schedule(
                        () -> {
                            due.put(key(assignment.at("/principal/id").asText()), at);
                            change(stage, assignment);
                        },
                        at - System.nanoTime(),
                        TimeUnit.NANOSECONDS);
            }
            clock.shutdown();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (seen.getTotalCount() < picked.size()) {
                if (System.nanoTime() > deadline) {
                    throw new LocalException(due.size() + " single changes were never seen");
                }
                Processes.pause(Duration.ofMillis(20));
            }
        }
        report.beside("visible_p50_ms", seen.getValueAtPercentile(50) / 1000.0, "ms");
        report.below(500, "visible_p99_ms", seen.getValueAtPercentile(99) / 1000.0, "ms");
    }

    private void change(AssignmentStage stage, JsonNode assignment) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(
                        stage.url() + path(LARGE) + "/" + assignment.path("id").asText()))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"accounts\":[\"current-user\",\"service\"]}"))
                .build());
        if (answer.statusCode() != 200) {
            progress.say("A change was answered " + answer.statusCode() + " " + answer.body());
        }
    }

    private List<JsonNode> some(AssignmentStage stage) {
        HttpResponse<String> answer = send(
                HttpRequest.newBuilder(URI.create(stage.url() + path(LARGE) + "?kind=user&limit=" + SINGLE_CHANGES))
                        .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                        .build());
        List<JsonNode> found = new ArrayList<>();
        try {
            JSON.readTree(answer.body()).path("items").forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Until every portal user of the file has his record on the topic. */
    private void awaitAll(Report report, AssignmentStage stage) {
        progress.say("Until everybody has been told");
        long begun = System.nanoTime();
        while (stage.number("select count(*) from effective_assignments where portal_id = '" + LARGE + "'") < rows
                || stage.number("select count(*) from outbox") > 0) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new LocalException("The file is never told");
            }
            Processes.pause(Duration.ofMillis(500));
        }
        report.beside("told_rows_after_s", (System.nanoTime() - begun) / 1e9, "s");
    }

    private void view(Report report, AssignmentStage stage) {
        progress.say("A reader of all of them");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + checkout.jvmOptions(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                ViewProbe.class.getName(),
                stage.bootstrapServers(),
                LARGE + "/" + MAIN + "/",
                Integer.toString(rows),
                Long.toString(SEED));
        try {
            Process probe = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] said;
            try (BufferedReader out = probe.inputReader(StandardCharsets.UTF_8)) {
                said = Optional.ofNullable(out.readLine()).orElse("").split(" ", -1);
            }
            if (said.length != 4) {
                throw new LocalException("The reader said nothing");
            }
            report.below(300, "view_mb", Long.parseLong(said[0]), "MB");
            report.below(20, "view_ready_s", Long.parseLong(said[1]) / 1000.0, "s");
            report.below(2, "lookup_us", Long.parseLong(said[2]) / 1000.0, "us");
            report.beside("view_size", Long.parseLong(said[3]), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted", e);
        }
    }

    private static void awaitReady(TopicView<?> view) {
        try {
            if (!view.awaitReady(PATIENCE)) {
                throw new LocalException("The view does not get ready");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted", e);
        }
    }

    private static String path(PortalId portal) {
        return "/api/portals/" + portal + "/registrations/" + MAIN + "/assignments";
    }

    private static String key(String user) {
        return LARGE + "/" + MAIN + "/" + user;
    }

    static String user(int number) {
        return String.format(Locale.ROOT, "%040X", number + 1L);
    }

    /** The file, made while it is being sent. */
    private static final class Rows extends InputStream {
        private final int count;
        private int next = -1;
        private byte[] line = new byte[0];
        private int position;
        private final Random random = new Random(SEED);

        Rows(int count) {
            this.count = count;
        }

        @Override
        public int read() {
            return fill() ? line[position++] : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (!fill()) {
                return -1;
            }
            int copied = 0;
            while (copied < length && fill()) {
                int some = Math.min(length - copied, line.length - position);
                System.arraycopy(line, position, into, from + copied, some);
                position += some;
                copied += some;
            }
            return copied;
        }

        private boolean fill() {
            if (position < line.length) {
                return true;
            }
            if (next == count) {
                return false;
            }
            String text = next < 0
                    ? "kind;id;accounts\n"
                    : "user;" + user(next) + ";" + (random.nextInt(10) == 0 ? "service" : "current-user") + "\n";
            next++;
            line = text.getBytes(StandardCharsets.US_ASCII);
            position = 0;
            return true;
        }
    }
}
