package org.m365connector.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;

/** What {@code bench/run NAME} starts. Exits 0 when it could measure, whatever the figures. */
public final class Main {

    private static final List<String> NAMES =
            List.of("assignments", "ledger", "proxy", "startup", "throttle", "tokens", "watches", "webhook");

    private static final Map<String, List<String>> OPTIONS =
            Map.of("ledger", List.of("--minutes", "--seed"), "watches", List.of("--watches", "--seed"));

    private static final long SEED = 20_261_128L;

    private Main() {}

    public static void main(String... arguments) throws IOException {
        String name = arguments.length > 0 ? arguments[0] : "";
        Optional<Map<String, Long>> options = options(name, arguments);
        if (options.isEmpty()) {
            System.err.println("bench/run NAME, where NAME is one of: " + String.join(", ", NAMES)
                    + "; ledger takes --minutes N and --seed S, watches --watches N and --seed S");
            System.exit(2);
        }
        try {
            Checkout checkout = Checkout.find();
            Report report = new Report(name, checkout.root());
            switch (name) {
                case "assignments" -> new Assignments(checkout).measure(report);
                case "ledger" ->
                    new Ledger(
                                    checkout,
                                    Duration.ofMinutes(options.get().getOrDefault("--minutes", 10L)),
                                    options.get().getOrDefault("--seed", SEED))
                            .measure(report);
                case "proxy" -> new Proxy(checkout).measure(report);
                case "throttle" -> new Throttle(checkout).measure(report);
                case "tokens" -> new Tokens(checkout).measure(report);
                case "watches" ->
                    new Watches(
                                    checkout,
                                    Math.toIntExact(options.get().getOrDefault("--watches", 10_000L)),
                                    options.get().getOrDefault("--seed", SEED))
                            .measure(report);
                case "webhook" -> new Webhook(checkout).measure(report);
                default -> new Startup(checkout).measure(report);
            }
            Path file = report.write(checkout.root().resolve("target/bench"));
            report.print(System.out);
            System.out.println();
            System.out.println("Written to " + file);
            System.exit(0);
        } catch (LocalException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /** Empty where something is not understood. */
    private static Optional<Map<String, Long>> options(String name, String... arguments) {
        Map<String, Long> options = new HashMap<>();
        boolean understood = NAMES.contains(name);
        for (int i = 1; understood && i < arguments.length; i += 2) {
            understood = OPTIONS.getOrDefault(name, List.of()).contains(arguments[i])
                    && i + 1 < arguments.length
                    && arguments[i + 1].matches("[1-9]\\d{0,9}");
            if (understood) {
                options.put(arguments[i], Long.parseLong(arguments[i + 1]));
            }
        }
        return understood ? Optional.of(options) : Optional.empty();
    }
}
