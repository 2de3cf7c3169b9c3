package org.m365connector.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Service;

/**
 * kill -9 in the middle of renewals, again and again: both replicas renew tokens as fast as they can, and one of them dies
 * at a moment that chance picks. An account is lost when its tokens cannot be renewed afterwards.
 */
final class TokenCrashes {

    private static final int KILLS = Integer.getInteger("m365.bench.kills", 200);
    private static final Duration AT_MOST = Duration.ofMinutes(30);
    private static final Duration RECOVERY = Duration.ofSeconds(60);
    private static final int ACCOUNTS = 48;
    private static final int CALLERS = 16;
    private static final long SEED = 20_261_124;

    /** Starts fast and is killed soon. */
    private static final List<String> OPTIONS = List.of("-XX:TieredStopAtLevel=1");

    /** A dead replica's leases run out sooner than in production, so that 200 deaths fit into minutes. */
    private static final Map<String, String> SHORT_LEASES =
            Map.of("M365_ENTRA_TIMEOUT", "2S", "M365_TOKENS_LEASE", "4.5S");

    private final TokenStage stage;
    private final Path archive;
    private final Progress progress;
    private final Random random = new Random(SEED);

    TokenCrashes(TokenStage stage, Progress progress) {
        this.stage = stage;
        this.archive = stage.work().resolve("auth-service.jsa");
        this.progress = progress;
    }

    void measure(Report report) {
        stage.entra(3_600);
        writeArchive();
        Replica[] replicas = {start(0), start(1)};
        stage.onboard("crash");
        List<byte[]> questions = new ArrayList<>();
        stage.signIn("crash", ACCOUNTS).forEach(account -> questions.add(stage.questionForAnother("crash", account)));
        long deadline = System.nanoTime() + AT_MOST.toNanos();
        int kills = 0;
        long inWindow = 0;
        long renewals = 0;
        while (kills < KILLS && System.nanoTime() < deadline) {
            int victim = random.nextInt(2);
            long mark = stage.mark();
            long written = written();
            replicas[victim] = stormAndKill(questions, replicas[victim], victim);
            kills++;
            // What Entra has answered and the database never got was on its way when the process died.
            long answered = stage.tokenCalls(mark, true);
            renewals += answered;
            inWindow += answered - (written() - written);
            if (kills % 20 == 0) {
                progress.say(kills + " kills, " + inWindow + " between Entra's answer and our commit");
            }
        }
        report.seed(SEED);
        report.exactly(0, "crash_accounts_lost", lost(questions), "");
        report.beside("crash_in_window", inWindow, "");
        report.atLeast(200, "crash_kills", kills, "");
        report.beside("crash_renewals", renewals, "");
        report.exactly(0, "crash_plain_tokens", stage.plainTokens(), "");
        stage.endReplicas();
    }

    private Replica start(int number) {
        return start(number, ClassArchive.used(archive));
    }

    /** Most of the time between two kills is the start of the one that was killed. */
    private void writeArchive() {
        start(0, ClassArchive.written(archive));
        stage.endReplicas();
    }

    private Replica start(int number, List<String> archiving) {
        List<String> launch = new ArrayList<>(OPTIONS);
        launch.addAll(archiving);
        launch.addAll(ClassArchive.launch(stage.checkout(), Service.AUTH));
        return stage.start(number, launch, SHORT_LEASES);
    }

    private long written() {
        return stage.number(
                "select coalesce(sum(t.revision), 0) from account_token t join account a on a.id = t.account_id"
                        + " where a.portal_id = 'crash'");
    }

    /**
     * Returns when nothing is under way any more. Callers of the survivor wait for the leases that the dead one has left; its
     * successor starts meanwhile, as in a cluster.
     */
    private Replica stormAndKill(List<byte[]> questions, Replica victim, int number) {
        AtomicReference<Replica> successor = new AtomicReference<>();
        AtomicBoolean storming = new AtomicBoolean(true);
        int delay = 150 + random.nextInt(350);
        List<Callable<Void>> all = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Random own = new Random(random.nextLong());
            int port = stage.port(i % 2);
            all.add(() -> {
                renewUntilItDies(port, questions, own, storming);
                return null;
            });
        }
        all.add(() -> {
            Processes.pause(Duration.ofMillis(delay));
            victim.kill();
            storming.set(false);
            successor.set(start(number));
            return null;
        });
        Load.together(all);
        return successor.get();
    }

    private static void renewUntilItDies(int port, List<byte[]> questions, Random random, AtomicBoolean storming) {
        try (HttpCall call = new HttpCall(port)) {
            while (storming.get()) {
                call.ask(questions.get(random.nextInt(questions.size())));
            }
        } catch (IOException e) {
            // That was the one that was killed.
            return;
        }
    }

    /** How many accounts get no new token although everything is well again. */
    private long lost(List<byte[]> questions) {
        long lost = 0;
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        for (byte[] question : questions) {
            boolean renewed = renew(question);
            while (!renewed && System.nanoTime() < deadline) {
                Processes.pause(Duration.ofMillis(200));
                renewed = renew(question);
            }
            if (!renewed) {
                lost++;
            }
        }
        return lost;
    }

    private boolean renew(byte[] question) {
        return Load.storm(new int[] {stage.port(0)}, 1, question) == 1;
    }
}
