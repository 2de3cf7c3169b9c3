package org.m365connector.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.m365connector.local.demo.MainJob;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Stop;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;
import org.m365connector.local.suite.VaultKey;

/** What {@code ./run} starts; see {@code ./run help}. */
public final class Main {
    private static final String PORTAL = "demo";

    private final Checkout checkout = Checkout.find();
    private final Progress progress = Progress.on(System.out);
    private final Options options;

    /** What stands on the command line. */
    private record Options(String verb, boolean keep, Optional<Path> tenant) {

        static Options of(String... arguments) {
            Deque<String> rest = new ArrayDeque<>(List.of(arguments));
            String verb = "";
            boolean keep = false;
            Optional<Path> tenant = Optional.empty();
            while (!rest.isEmpty()) {
                String argument = rest.pop();
                switch (argument) {
                    case "--keep" -> keep = true;
                    case "--tenant" -> {
                        if (rest.isEmpty()) {
                            throw new LocalException("--tenant needs a file; see tenant.env.example");
                        }
                        tenant = Optional.of(Path.of(rest.pop()));
                    }
                    case "demo", "stop", "keygen", "doctor" -> verb = argument;
                    default -> throw new LocalException("Unknown: " + argument + " (see ./run help)");
                }
            }
            return new Options(verb, keep, tenant);
        }
    }

    private Main(Options options) {
        this.options = options;
    }

    public static void main(String... arguments) {
        int status;
        try {
            status = new Main(Options.of(arguments)).run();
        } catch (LocalException e) {
            System.err.println();
            System.err.println(e.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private int run() {
        return switch (options.verb()) {
            case "keygen" -> keygen();
            case "doctor" -> Doctor.examine(checkout, System.out) ? 0 : 1;
            case "stop" -> new Stop(checkout, progress).run();
            case "demo" -> demo();
            default -> serve();
        };
    }

    private static int keygen() {
        System.out.println(VaultKey.fresh());
        return 0;
    }

    private int serve() {
        try (LocalSuite suite = started()) {
            Suite onboarded =
                    new Onboarding(suite.suite(), suite.tenant(), suite.portalFile(), progress).portal(PORTAL);
            onboarded.write(checkout.localEnv());
            System.out.println(Welcome.text(onboarded, suite.tenant()));
            while (true) {
                suite.casualty().ifPresent(Main::fail);
                Processes.pause(Duration.ofMillis(500));
            }
        }
    }

    private static void fail(String why) {
        throw new LocalException(why);
    }

    /** On the suite that runs already, or whose state is kept, with a portal of its own; else on one of its own. */
    private int demo() {
        if (options.tenant().isPresent()) {
            throw new LocalException(
                    "The demo looks into the emulator, so it cannot be played on a real tenant. Use ./run --tenant FILE");
        }
        String ownPortal = PORTAL + "-" + System.currentTimeMillis();
        Optional<ProcessHandle> running = LocalSuite.running(checkout);
        if (running.isPresent()) {
            if (Files.notExists(checkout.localEnv())) {
                throw new LocalException("The suite (process " + running.get().pid()
                        + ") is still starting, or ending. Try again when it is ready; it says so.");
            }
            progress.say("Playing on the suite that runs already");
            return MainJob.play(Suite.read(checkout.localEnv()), ownPortal, System.out) ? 0 : 1;
        }
        try (LocalSuite suite = started()) {
            boolean cameTrue = MainJob.play(suite.suite(), options.keep() ? ownPortal : PORTAL, System.out);
            if (!cameTrue) {
                suite.keepLogs();
                System.out.println("The logs stay in " + suite.logs());
            }
            return cameTrue ? 0 : 1;
        }
    }

    private LocalSuite started() {
        LocalSuite.Builder builder =
                LocalSuite.builder(checkout).keep(options.keep()).progress(progress);
        // For tests beside a suite that runs with the usual ones.
        Optional.ofNullable(System.getProperty("m365.local.ports"))
                .map(Ports::parse)
                .ifPresent(builder::ports);
        options.tenant().map(Tenant::of).ifPresent(builder::tenant);
        LocalSuite suite = builder.prepare();
        // Ctrl-C and SIGTERM come this way too.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(suite), "end"));
        // That of a killed run has other keys.
        checkout.deleteLocalEnv();
        suite.start();
        suite.suite().write(checkout.localEnv());
        return suite;
    }

    private void end(LocalSuite suite) {
        suite.close();
        checkout.deleteLocalEnv();
    }
}
