package org.m365connector.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;

/**
 * How many tokens auth-service gives out and how fast, how often a storm of callers makes it ask Entra, beside what
 * Microsoft's own client does in the same storm, and whether killing it in the middle of renewals loses an account. Real
 * processes of the packaged service on a Kafka and a PostgreSQL that write to disk.
 */
final class Tokens {

    private static final int PEOPLE = 200;
    private static final int CONNECTIONS = 16;
    private static final Duration WARM_UP = Duration.ofSeconds(25);
    private static final Duration MEASURED = Duration.ofSeconds(15);
    private static final int STORM = 1_000;
    private static final int LONG_LIFE_SECONDS = 3_600;
    private static final int SHORT_LIFE_SECONDS = 20;

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);

    Tokens(Checkout checkout) {
        this.checkout = checkout;
    }

    void measure(Report report) {
        Path work = checkout.root().resolve("target/bench/tokens");
        try (TokenStage stage = new TokenStage(checkout, work)) {
            warm(report, stage);
            storms(report, stage);
            new TokenCrashes(stage, progress).measure(report);
        }
    }

    private void warm(Report report, TokenStage stage) {
        stage.entra(LONG_LIFE_SECONDS);
        Replica replica = stage.start(0);
        stage.onboard("warm");
        progress.say(PEOPLE + " people sign in");
        List<byte[]> questions = new ArrayList<>();
        stage.signIn("warm", PEOPLE).forEach(account -> questions.add(stage.question("warm", account)));
        progress.say("Warm tokens from one replica, " + CONNECTIONS + " connections, closed loop");
        Load.closedLoop(stage.port(0), CONNECTIONS, questions, WARM_UP);
        long cpuBefore = replica.cpuMicros();
        Load.Counted closed = Load.closedLoop(stage.port(0), CONNECTIONS, questions, MEASURED);
        double cpuPerRequest = (replica.cpuMicros() - cpuBefore) / (double) closed.answers();
        if (closed.refused() > 0) {
            throw new LocalException(closed.refused() + " questions for warm tokens were refused");
        }
        report.atLeast(8_000, "warm_per_s", closed.perSecond(), "1/s");
        report.beside("warm_cpu_per_request", cpuPerRequest, "us");
        double half = closed.perSecond() / 2;
        progress.say("The same at fixed moments, " + Math.round(half) + " a second");
        Load.openLoop(stage.port(0), CONNECTIONS, questions, half, Duration.ofSeconds(5));
        Histogram open = Load.openLoop(stage.port(0), CONNECTIONS, questions, half, MEASURED);
        report.beside("warm_p50_ms", open.getValueAtPercentile(50) / 1000.0, "ms");
        report.below(5, "warm_p99_ms", open.getValueAtPercentile(99) / 1000.0, "ms");
        report.beside("warm_open_per_s", open.getTotalCount() / (double) MEASURED.toSeconds(), "1/s");
        report.beside("rss_mb", replica.peakMegabytes(), "MB");
        stage.endReplicas();
        for (int callers : List.of(24, STORM)) {
            progress.say(callers + " callers of one expired token, with MSAL4J");
            report.beside("msal4j_storm_calls of " + callers, MsalStorm.calls(stage, callers), "");
        }
    }

    private void storms(Report report, TokenStage stage) {
        stage.entra(SHORT_LIFE_SECONDS);
        stage.start(0);
        stage.start(1);
        int[] both = {stage.port(0), stage.port(1)};
        stage.onboard("storm");
        String person = stage.signIn("storm", 1).get(0);
        byte[] personal = stage.question("storm", person);
        progress.say(STORM + " callers over two replicas for the app's own token, which nobody has asked for yet");
        report.exactly(1, "cold_storm_entra_calls", storm(stage, both, stage.question("storm", "service")), "");
        // Both replicas have the token in memory when it expires.
        Load.storm(both, 2, personal);
        progress.say("The same for a person's token that has expired everywhere");
        Processes.pause(Duration.ofSeconds(SHORT_LIFE_SECONDS + 1));
        report.exactly(1, "expired_storm_entra_calls", storm(stage, both, personal), "");
        stage.endReplicas();
    }

    private static long storm(TokenStage stage, int[] ports, byte[] question) {
        long mark = stage.mark();
        long issued = Load.storm(ports, STORM, question);
        if (issued != STORM) {
            throw new LocalException("Only " + issued + " of " + STORM + " callers got a token");
        }
        return stage.tokenCalls(mark, false);
    }
}
