package org.m365connector.assignment;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.m365connector.events.PortalUser;

/** Many portal users, and a file of assignments for them. */
final class Members {
    private Members() {}

    static PortalUser of(int number) {
        return new PortalUser("M%05d".formatted(number));
    }

    /** The first has that account besides {@code service}, the second in front of it, and so on. */
    static String file(int count, String account) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> "user;" + of(number) + ";"
                        + (number % 2 == 1 ? "service " + account : account + " current-user"))
                .collect(Collectors.joining("\n", "kind;id;accounts\n", "\n"));
    }
}
