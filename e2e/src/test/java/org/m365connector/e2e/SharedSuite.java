package org.m365connector.e2e;

import java.nio.file.Path;
import org.m365connector.local.demo.MainJob;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Progress;

/**
 * One suite with short lives (tokens 30 s, subscriptions 2 min) for all tests that need one, since its start takes a while.
 * It ends with this JVM, and other JVMs have their own. Tests keep apart by portals of their own.
 */
final class SharedSuite {
    static final String MAIN_JOB_PORTAL = "main-job";

    private static LocalSuite suite;
    private static Boolean mainJobCameTrue;

    private SharedSuite() {}

    static synchronized LocalSuite get() {
        if (suite == null) {
            suite = LocalSuite.builder(Checkout.find())
                    .directory(Path.of("target", System.getProperty("suite.name", "suite")))
                    .ports(Ports.free())
                    .shortLives()
                    .progress(Progress.on(System.out))
                    .prepare();
            suite.keepLogs();
            Runtime.getRuntime().addShutdownHook(new Thread(suite::close, "end-suite"));
            suite.start();
        }
        return suite;
    }

    /** Plays the main job unless it was played already, and says whether it came true. */
    static synchronized boolean mainJobCameTrue() {
        if (mainJobCameTrue == null) {
            mainJobCameTrue = MainJob.play(get().suite(), MAIN_JOB_PORTAL, System.out);
        }
        return mainJobCameTrue;
    }
}
