package org.m365connector.graphproxy.throttle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What this replica goes on with when it is cut off. The others leave it what it said last, as far as they heard it; it cannot know which of its
 * words that was, but that it was none before the last one that came back. So it takes the least that one of them allows, and as long as
 * none has come back nothing. Changed under the lock of {@link Fleet}.
 */
final class SmallShare {

    /** @param at when it was said first */
    private record Said(Division division, long at) {}

    private volatile List<Said> words = List.of();
    private volatile boolean proven;

    /** Whom we count is told to the others. */
    void says(Division division, long at) {
        Division before = words.isEmpty() ? null : words.get(words.size() - 1).division();
        if (!division.equals(before)) {
            List<Said> more = new ArrayList<>(words);
            more.add(new Said(division, at));
            words = List.copyOf(more);
        }
    }

    /** One part in so many, as it was said last; empty before anything was. */
    Optional<Integer> oneIn() {
        List<Said> now = words;
        return now.isEmpty()
                ? Optional.empty()
                : Optional.of(now.get(now.size() - 1).division().oneIn());
    }

    /**
     * A word of ours has come back.
     *
     * @param saidAt when we said it
     * @param counted whether the others have said since we came that they count us: until then they may go by older words
     */
    void heardBack(long saidAt, boolean counted) {
        int last = words.size() - 1;
        while (last >= 0 && words.get(last).at() > saidAt) {
            last--;
        }
        proven |= last >= 0;
        if (counted && last > 0) {
            words = List.copyOf(words.subList(last, words.size()));
        }
    }

    /** How much of a limit it is. */
    int of(String scope, int limit) {
        if (!proven) {
            return 0;
        }
        int least = limit;
        for (Said word : words) {
            least = Math.min(least, word.division().small(scope, limit));
        }
        return least;
    }
}
