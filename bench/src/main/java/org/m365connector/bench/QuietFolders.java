package org.m365connector.bench;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.m365connector.local.suite.Processes;

/** How soon a portal hears of a mail in a folder where little happens, while mails keep coming in others. */
final class QuietFolders {

    private static final int PER_SECOND = 10;
    private static final int ONE_IN = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final long LONGEST_MILLIS = 600_000;

    private final WatchesStage stage;
    private final ChangesHeard heard;
    private final Random random;
    private int number;

    QuietFolders(WatchesStage stage, ChangesHeard heard, long seed) {
        this.stage = stage;
        this.heard = heard;
        this.random = new Random(seed);
    }

    /**
     * Mails at fixed moments, {@value #PER_SECOND} a second; one in {@value #ONE_IN} comes to a quiet folder, and to each of them one
     * only.
     *
     * @return delays in milliseconds; those of mails that nobody has heard of within {@link #PATIENCE} as that
     */
    Histogram measure(Duration length, List<WatchesStage.Folder> busy, List<WatchesStage.Folder> quiet) {
        Map<String, Long> sent = new LinkedHashMap<>();
        long begin = System.nanoTime();
        long mails = length.toSeconds() * PER_SECOND;
        for (int i = 0; i < mails; i++) {
            long due = begin + i * 1_000_000_000L / PER_SECOND;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            number++;
            if (i % ONE_IN == 0 && i / ONE_IN < quiet.size()) {
                long at = System.nanoTime();
                sent.put(stage.mailArrives(quiet.get(i / ONE_IN), number), at);
            } else {
                stage.mailArrives(busy.get(random.nextInt(busy.size())), number);
            }
        }
        return delays(sent);
    }

    private Histogram delays(Map<String, Long> sent) {
        Histogram delays = new Histogram(LONGEST_MILLIS, 3);
        sent.forEach((mail, at) -> delays.recordValue((await(mail, at) - at) / 1_000_000));
        return delays;
    }

    private long await(String mail, long at) {
        OptionalLong first = heard.firstHeard(mail);
        while (first.isEmpty() && System.nanoTime() < at + PATIENCE.toNanos()) {
            Processes.pause(Duration.ofMillis(100));
            first = heard.firstHeard(mail);
        }
        return first.orElse(at + PATIENCE.toNanos());
    }
}
