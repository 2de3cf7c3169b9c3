package org.m365connector.e2e;

import java.nio.file.Path;
import java.time.Duration;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Progress;

/**
 * One suite with short lives (tokens 30 s, subscriptions 2 min) for all tests that need one, since its start takes a while.
 * It ends with this JVM, and other JVMs have their own. Tests keep apart by portals of their own.
 */
final class SharedSuite {
    /** The main job plays in a minute where it has the machine to itself. */
    static final Duration DEMO_PATIENCE = Duration.ofMinutes(10);

    private static final Path DIRECTORY = Path.of("target", System.getProperty("suite.name", "suite"));

    private static LocalSuite suite;
    private static Boolean mainJobCameTrue;

    private SharedSuite() {}

    static synchronized LocalSuite get() {
        if (suite == null) {
            suite = LocalSuite.builder(Checkout.find())
                    .directory(DIRECTORY)
                    .ports(Ports.free())
                    .shortLives()
                    // Set but empty, as docker-compose.yml has them where there is no proxy.
                    .environment("M365_HTTPS_PROXY", "")
                    .environment("NO_PROXY", "")
                    .environment("M365_TRUST_FILE", "")
                    .progress(Progress.on(System.out))
                    .prepare();
            suite.keepLogs();
            Runtime.getRuntime().addShutdownHook(new Thread(suite::close, "end-suite"));
            suite.start();
            suite.suite().write(DIRECTORY.resolveSibling(DIRECTORY.getFileName() + ".env"));
        }
        return suite;
    }

    /** Plays the main job by {@code ./run demo} beside the suite, unless it was played already, and says whether it came true. */
    static synchronized boolean mainJobCameTrue() {
        if (mainJobCameTrue == null) {
            LauncherProcess demo =
                    LauncherProcess.start(DIRECTORY.getFileName() + "-demo", DIRECTORY, get().ports(), "demo");
            mainJobCameTrue = demo.exitCode(DEMO_PATIENCE) == 0;
            System.out.println(demo.said());
        }
        return mainJobCameTrue;
    }
}
