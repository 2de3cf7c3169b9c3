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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;

/**
 * An administrator gives a million portal users their accounts in one file: how fast, in how much memory, and whether single
 * changes are still seen at once while the million is on its way to the readers; the same for a group with many members; then what a
 * reader needs for all of them.
 * {@code M365_BENCH_ROWS} asks for fewer.
 */
final class Assignments {
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalId LARGE = new PortalId("large");
    private static final PortalId SMALL = new PortalId("small");
    private static final PortalId GROUP = new PortalId("group");
    private static final String OPEN = "select count(*) from recalculation where finished_at is null";
    private static final int WARM_UP_ROWS = 10_000;
    private static final PortalId MEDIUM = new PortalId("medium");
    private static final long SEED = 20261128;
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);
    private final int rows = Integer.parseInt(
            Optional.ofNullable(System.getenv("M365_BENCH_ROWS")).orElse("1000000"));
    private final int members = Math.min(rows, 100_000);
    private final HttpClient http = HttpClient.newHttpClient();

    Assignments(Checkout checkout) {
        this.checkout = checkout;
    }

    void measure(Report report) {
        report.seed(SEED);
        Path work = checkout.root().resolve("target/bench/assignments");
        try (AssignmentStage stage = new AssignmentStage(checkout, work)) {
            stage.onboard(SMALL, MAIN, new PortalUser(user(0)));
            stage.onboard(MEDIUM, MAIN, new PortalUser(user(0)));
            stage.onboard(LARGE, MAIN, new PortalUser(user(0)));
            stage.onboard(GROUP, MAIN, new PortalUser(user(0)));
            imports(report, stage);
            singleChanges(report, stage);
            awaitAll(report, stage);
            group(report, stage);
            view(report, stage);
        }
    }

    private void imports(Report report, AssignmentStage stage) {
        progress.say("A file of " + WARM_UP_ROWS + " assignments, to warm up");
        importRows(stage, SMALL, WARM_UP_ROWS);
        // Enough that the heap has been used to its end once; a tenth all the same.
        int few = rows / 10;
        progress.say("A file of " + few + ", to see what memory that takes");
        stage.replica().forgetPeak();
        importRows(stage, MEDIUM, few);
        long memoryOfFew = stage.replica().peakMegabytes();
        progress.say("A file of " + rows);
        stage.replica().forgetPeak();
        long begun = System.nanoTime();
        importRows(stage, LARGE, rows);
        double seconds = (System.nanoTime() - begun) / 1e9;
        report.beside("rows", rows, "");
        report.beside("import_rows_per_s", rows / seconds, "1/s");
        report.beside("import_peak_mb of " + few, memoryOfFew, "MB");
        report.below(memoryOfFew + 64, "import_peak_mb", stage.replica().peakMegabytes(), "MB");
    }

    /** And says meanwhile what the service says of its progress. */
    private void importRows(AssignmentStage stage, PortalId portal, int count) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stage.url() + path(portal) + "/import"))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new Rows(count)))
                .build();
        var sent = http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        String said = "";
        while (!sent.isDone()) {
            Processes.pause(Duration.ofMillis(200));
            String now = latestImport(stage, portal);
            if (!now.equals(said)) {
                said = now;
                progress.say("  " + said);
            }
        }
        HttpResponse<String> answer = sent.join();
        if (answer.statusCode() != 200) {
            throw new LocalException("The import was answered " + answer.statusCode() + " " + answer.body());
        }
    }

    private String latestImport(AssignmentStage stage, PortalId portal) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(stage.url() + path(portal) + "/imports"))
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .build());
        try {
            JsonNode latest = JSON.readTree(answer.body()).path(0);
            return latest.path("state").asText() + " " + latest.path("rows").asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** While the readers are still being told of the file. */
    private void singleChanges(Report report, AssignmentStage stage) {
        Histogram seen = new SingleChanges(stage, LARGE, MAIN, progress).measure();
        report.beside("visible_p50_ms", seen.getValueAtPercentile(50) / 1000.0, "ms");
        report.below(500, "visible_p99_ms", seen.getValueAtPercentile(99) / 1000.0, "ms");
        report.beside("visible_max_ms", seen.getMaxValue() / 1000.0, "ms");
        report.beside("told_of_the_file_meanwhile", told(stage, LARGE), "");
    }

    /** A group with many members is assigned an account: one action, and single changes meanwhile. */
    private void group(Report report, AssignmentStage stage) {
        progress.say("A group with " + members + " members");
        stage.tell(GROUP, members, "Everybody");
        importRows(stage, GROUP, SingleChanges.COUNT);
        awaitRecalculated(stage);
        long begun = System.nanoTime();
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(stage.url() + path(GROUP)))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"principal\":{\"kind\":\"group\",\"id\":\"Everybody\"},\"accounts\":[\"service\"]}"))
                .build());
        if (answer.statusCode() != 201) {
            throw new LocalException(
                    "The group's assignment was answered " + answer.statusCode() + " " + answer.body());
        }
        report.beside("group_members", members, "");
        report.beside("group_answered_ms", (System.nanoTime() - begun) / 1e6, "ms");
        Histogram seen = new SingleChanges(stage, GROUP, MAIN, progress).measure();
        boolean meanwhile = stage.number(OPEN) > 0;
        report.beside("group_visible_p50_ms", seen.getValueAtPercentile(50) / 1000.0, "ms");
        report.below(500, "group_visible_p99_ms", seen.getValueAtPercentile(99) / 1000.0, "ms");
        report.beside("group_visible_max_ms", seen.getMaxValue() / 1000.0, "ms");
        report.beside("group_runs_at_the_end_of_them", meanwhile ? 1 : 0, "");
        awaitRecalculated(stage);
        report.beside("group_told_after_s", (System.nanoTime() - begun) / 1e9, "s");
    }

    private void awaitRecalculated(AssignmentStage stage) {
        long begun = System.nanoTime();
        while (stage.number(OPEN) > 0 || stage.number("select count(*) from outbox") > 0) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new LocalException("It never comes to an end");
            }
            Processes.pause(Duration.ofMillis(200));
        }
    }

    private static long told(AssignmentStage stage, PortalId portal) {
        return stage.number("select count(*) from effective_assignments where portal_id = '" + portal + "'");
    }

    /** Until every portal user of the file has his record on the topic. */
    private void awaitAll(Report report, AssignmentStage stage) {
        progress.say("Until everybody has been told");
        long begun = System.nanoTime();
        while (told(stage, LARGE) < rows || stage.number("select count(*) from outbox") > 0) {
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

    private static String path(PortalId portal) {
        return "/api/portals/" + portal + "/registrations/" + MAIN + "/assignments";
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
