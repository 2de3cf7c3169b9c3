package org.m365connector.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.CommonClientConfigs;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.view.TopicView;

/**
 * A process of its own that reads all assignments into memory as graph-proxy-service does, and says what that takes: growth of the
 * resident memory in MB, milliseconds until it is ready, nanoseconds for one look-up, how many.
 */
public final class ViewProbe {

    private static final int LOOKUPS = 2_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private ViewProbe() {}

    /** @param arguments bootstrap servers, prefix of the keys, number of portal users, seed */
    public static void main(String... arguments) throws IOException, InterruptedException {
        String prefix = arguments[1];
        int users = Integer.parseInt(arguments[2]);
        Random random = new Random(Long.parseLong(arguments[3]));
        long before = residentMegabytes();
        long started = System.nanoTime();
        try (TopicView<AssignmentsRecord> view = TopicView.assignments(
                        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, arguments[0]))
                .start()) {
            if (!view.awaitReady(PATIENCE)) {
                throw new IllegalStateException("the view does not get ready");
            }
            long readyMillis = (System.nanoTime() - started) / 1_000_000;
            long grown = residentMegabytes() - before;
            String[] keys = new String[100_000];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = prefix + Assignments.user(random.nextInt(users));
            }
            lookUp(view, keys);
            long nanos = lookUp(view, keys);
            System.out.println(grown + " " + readyMillis + " " + nanos / LOOKUPS + " " + view.size());
        }
    }

    private static long lookUp(TopicView<AssignmentsRecord> view, String[] keys) {
        long begun = System.nanoTime();
        int found = 0;
        for (int i = 0; i < LOOKUPS; i++) {
            if (view.get(keys[i % keys.length]).isPresent()) {
                found++;
            }
        }
        long nanos = System.nanoTime() - begun;
        if (found != LOOKUPS) {
            throw new IllegalStateException("only " + found + " of " + LOOKUPS + " were found");
        }
        return nanos;
    }

    private static long residentMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
