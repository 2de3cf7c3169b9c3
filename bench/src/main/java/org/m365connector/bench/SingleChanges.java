package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.view.TopicView;

/**
 * An administrator changes single users' assignments, some a second at fixed moments, whatever else goes on; measured until a
 * reader of {@code m365.assignments} knows it.
 */
final class SingleChanges {
    static final int COUNT = 300;

    private static final int PER_SECOND = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AssignmentStage stage;
    private final PortalId portal;
    private final RegistrationName registration;
    private final Progress progress;
    private final HttpClient http = HttpClient.newHttpClient();

    SingleChanges(AssignmentStage stage, PortalId portal, RegistrationName registration, Progress progress) {
        this.stage = stage;
        this.portal = portal;
        this.registration = registration;
        this.progress = progress;
    }

    /** In microseconds from the moment when each was due. */
    Histogram measure() {
        progress.say(COUNT + " single changes, " + PER_SECOND + " a second");
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
            List<JsonNode> picked = some();
            ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
            long first = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            for (int i = 0; i < picked.size(); i++) {
                JsonNode assignment = picked.get(i);
                long at = first + TimeUnit.SECONDS.toNanos(1) * i / PER_SECOND;
                var unused = clock.schedule(
                        () -> {
                            due.put(AssignmentsRecord.key(portal, registration, user(assignment)), at);
                            change(assignment);
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
        return seen;
    }

    private static PortalUser user(JsonNode assignment) {
        return new PortalUser(assignment.at("/principal/id").asText());
    }

    /** Without waiting for the answer: whoever comes next is not kept by whoever was before him. */
    private void change(JsonNode assignment) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(address() + "/" + assignment.path("id").asText()))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"accounts\":[\"current-user\",\"service\"]}"))
                .build();
        var unused = http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .whenComplete((answer, failure) -> {
                    if (failure != null || answer.statusCode() != 200) {
                        progress.say("A change was answered " + (failure != null ? failure : answer.body()));
                    }
                });
    }

    private List<JsonNode> some() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address() + "?kind=user&limit=" + COUNT))
                .header("Authorization", "Bearer " + AssignmentStage.ADMIN_KEY)
                .build();
        List<JsonNode> found = new ArrayList<>();
        try {
            JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .path("items")
                    .forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted", e);
        }
        return found;
    }

    private String address() {
        return stage.url() + "/api/portals/" + portal + "/registrations/" + registration + "/assignments";
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
}
