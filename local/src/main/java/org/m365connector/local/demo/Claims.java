package org.m365connector.local.demo;

import java.util.List;
import org.m365connector.local.suite.LocalException;

/** What must be true for a step to have come true. */
final class Claims {

    private Claims() {}

    /** @param seen what was seen instead */
    static void claim(boolean holds, String what, Object seen) {
        if (!holds) {
            throw new LocalException("Not true: " + what + ". Seen: " + seen);
        }
    }

    /** The one thing in the list. */
    static <T> T only(String what, List<T> found) {
        claim(found.size() == 1, "there is exactly one " + what, found.size() + ": " + found);
        return found.get(0);
    }
}
