package org.m365connector.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Service;

/**
 * How long each service takes from the start of its process to its first good readiness answer, and how much memory it
 * takes until then: as it is packaged, with an archive of loaded classes, and on JDK 25 with an AOT cache. One service at a
 * time, beside an idle Kafka, PostgreSQL and emulator; the median of several starts.
 */
final class Startup {
    private static final int RUNS = 3;
    private static final int MEMORY_BUDGET_MB = 250;
    private static final int PLAIN_BUDGET_MS = 4000;
    private static final int ARCHIVE_BUDGET_MS = 2500;
    private static final int AOT_BUDGET_MS = 1500;

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);
    private final Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    Startup(Checkout checkout) {
        this.checkout = checkout;
    }

    void measure(Report report) {
        Path work = checkout.root().resolve("target/bench/startup");
        Optional<Path> java25 = java25();
        if (java25.isEmpty()) {
            progress.say(
                    "No JDK 25 found (JAVA25_HOME, /usr/lib/jvm/*25*): the figures with an AOT cache are left out");
        }
        LocalSuite suite = LocalSuite.builder(checkout)
                .directory(work)
                .ports(Ports.free())
                .progress(progress)
                .prepare();
        Runtime.getRuntime().addShutdownHook(new Thread(suite::close, "end"));
        suite.startBackends();
        try {
            for (Service service : Service.values()) {
                measurePlain(report, suite, service);
                measureArchive(report, suite, service, work.resolve(service.module() + ".jsa"));
                java25.ifPresent(
                        home -> measureAot(report, suite, service, home, work.resolve(service.module() + ".aot")));
            }
        } finally {
            suite.close();
        }
    }

    /** The packaged service with the flags of every deployment, deploy/jvm.options. */
    private void measurePlain(Report report, LocalSuite suite, Service service) {
        List<String> command = command(java, service, List.of());
        command.addAll(List.of("-jar", checkout.application(service).toString()));
        suite.startOnce(service, command); // Makes its tables and warms the file cache.
        String how = "JDK " + Runtime.version().feature() + " plain";
        report(report, service, how, PLAIN_BUDGET_MS, median(suite, service, command));
    }

    private void measureArchive(Report report, LocalSuite suite, Service service, Path archive) {
        List<String> training = flat(command(java, service, ClassArchive.written(archive)), service);
        suite.startOnce(service, training);
        List<String> command = flat(command(java, service, ClassArchive.used(archive)), service);
        String how = "JDK " + Runtime.version().feature() + " with CDS archive";
        report(report, service, how, ARCHIVE_BUDGET_MS, median(suite, service, command));
    }

    private void measureAot(Report report, LocalSuite suite, Service service, Path home, Path cache) {
        Path java25 = home.resolve("bin/java");
        List<String> training = flat(command(java25, service, List.of("-XX:AOTCacheOutput=" + cache)), service);
        suite.startOnce(service, training);
        List<String> command = flat(command(java25, service, List.of("-XX:AOTCache=" + cache)), service);
        report(report, service, "JDK 25 with AOT cache", AOT_BUDGET_MS, median(suite, service, command));
    }

    private void report(Report report, Service service, String how, int budget, LocalSuite.Start start) {
        String what = service.module() + ", " + how + ": ";
        report.below(budget, what + "start_ms", start.millis(), "ms");
        report.below(MEMORY_BUDGET_MB, what + "rss_mb", start.peakMegabytes(), "MB");
        progress.say(what + start.millis() + " ms, " + start.peakMegabytes() + " MB");
    }

    private static LocalSuite.Start median(LocalSuite suite, Service service, List<String> command) {
        List<LocalSuite.Start> starts = Stream.generate(() -> suite.startOnce(service, command))
                .limit(RUNS)
                .toList();
        return new LocalSuite.Start(
                median(starts.stream().map(LocalSuite.Start::millis)),
                median(starts.stream().map(LocalSuite.Start::peakMegabytes)));
    }

    private static long median(Stream<Long> values) {
        return values.sorted().toList().get(RUNS / 2);
    }

    private List<String> command(Path java, Service service, List<String> options) {
        List<String> command = new ArrayList<>(List.of(java.toString(), "@" + checkout.jvmOptions()));
        command.add("-Xmx" + LocalSuite.heap(service) + "m");
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.addAll(options);
        return command;
    }

    private List<String> flat(List<String> command, Service service) {
        command.addAll(ClassArchive.launch(checkout, service));
        return command;
    }

    private static Optional<Path> java25() {
        String named = System.getenv("JAVA25_HOME");
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of("/usr/lib/jvm"), "*25*")) {
            for (Path home : found) {
                if (Files.isExecutable(home.resolve("bin/java"))) {
                    return Optional.of(home);
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }
}
