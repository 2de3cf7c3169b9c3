package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;

/** What Graph is asked about subscriptions, by the emulator's own record of every request, which is read all the time. */
final class SubscriptionWrites implements AutoCloseable {

    private static final String SUBSCRIPTIONS = "/v1.0/subscriptions";
    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Rest emulator;
    private final List<Instant> writes = new ArrayList<>();
    private final Set<String> renewed = new HashSet<>();
    private long next;
    private int made;
    private int ranOut;
    private int listed;
    private int throttled;
    private final Thread reader = new Thread(this::read, "subscription-writes");
    private volatile boolean closing;
    private LocalException failure;

    SubscriptionWrites(Rest emulator) {
        this.emulator = emulator;
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        while (!closing) {
            try {
                JsonNode requests = emulator.get("/_emulator/requests?since=" + next)
                        .expect(200)
                        .json()
                        .path("requests");
                note(requests);
                Processes.pause(PAUSE);
            } catch (LocalException e) {
                synchronized (this) {
                    failure = e;
                }
                return;
            }
        }
    }

    /** All that have been answered since the last time. */
    private synchronized void note(JsonNode requests) {
        long first = requests.path(0).path("seq").asLong(next + 1);
        if (first > next + 1) {
            throw new LocalException("The emulator has forgotten requests before they were read");
        }
        for (JsonNode request : requests) {
            String path = request.path("path").asText();
            if (path.startsWith("/v1.0/")) {
                if (request.path("status").asInt() == 0) {
                    // Not answered yet: from here on the next time.
                    return;
                }
                note(request, path);
            }
            next = request.path("seq").asLong();
        }
    }

    private void note(JsonNode request, String path) {
        int status = request.path("status").asInt();
        if (status == 429 && !request.has("fault")) {
            throttled++;
        }
        if (!path.startsWith(SUBSCRIPTIONS)) {
            return;
        }
        String method = request.path("method").asText();
        if (method.equals("GET")) {
            listed++;
            return;
        }
        writes.add(Instant.parse(request.path("time").asText()));
        if (method.equals("POST") && status == 201) {
            made++;
        } else if (method.equals("PATCH") && status == 200) {
            renewed.add(path.substring(SUBSCRIPTIONS.length() + 1));
        } else if (method.equals("PATCH") && status == 404) {
            ranOut++;
        }
    }

    synchronized int made() {
        if (failure != null) {
            throw failure;
        }
        return made;
    }

    /** How many different subscriptions have been renewed at least once. */
    synchronized int renewed() {
        return renewed.size();
    }

    /** Subscriptions that were to be renewed, and were no longer there. */
    synchronized int ranOut() {
        return ranOut;
    }

    /** How often subscriptions were listed or looked at. */
    synchronized int listed() {
        return listed;
    }

    /** Calls of any kind that a limit of Graph's refused. */
    synchronized int throttled() {
        return throttled;
    }

    /** The most in any time of 20 s. */
    synchronized int worst() {
        List<Instant> sorted = writes.stream().sorted().toList();
        int worst = 0;
        int from = 0;
        for (int to = 0; to < sorted.size(); to++) {
            while (sorted.get(from).plus(WINDOW).isBefore(sorted.get(to))) {
                from++;
            }
            worst = Math.max(worst, to - from + 1);
        }
        return worst;
    }

    @Override
    public void close() {
        closing = true;
        reader.interrupt();
    }
}
