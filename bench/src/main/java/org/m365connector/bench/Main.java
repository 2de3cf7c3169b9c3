package org.m365connector.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;

/** What {@code bench/run NAME} starts. Exits 0 when it could measure, whatever the figures. */
public final class Main {

    private Main() {}

    public static void main(String... arguments) throws IOException {
        String name = arguments.length == 1 ? arguments[0] : "";
        if (!List.of("assignments", "proxy", "startup", "throttle", "tokens").contains(name)) {
            System.err.println("bench/run NAME, where NAME is one of: assignments, proxy, startup, throttle, tokens");
            System.exit(2);
        }
        try {
            Checkout checkout = Checkout.find();
            Report report = new Report(name, checkout.root());
            switch (name) {
                case "assignments" -> new Assignments(checkout).measure(report);
                case "proxy" -> new Proxy(checkout).measure(report);
                case "throttle" -> new Throttle(checkout).measure(report);
                case "tokens" -> new Tokens(checkout).measure(report);
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
}
