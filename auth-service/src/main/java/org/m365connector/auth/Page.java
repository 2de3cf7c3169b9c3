package org.m365connector.auth;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A part of a list.
 *
 * @param next what to ask for as {@code after} to get the next part; missing on the last
 */
public record Page<T>(List<T> items, Optional<String> next) {

    public static final int LIMIT = 100;

    /** @param found at most {@code LIMIT + 1} things, the last of which only tells that there are more */
    public static <T> Page<T> of(List<T> found, Function<T, String> key) {
        if (found.size() <= LIMIT) {
            return new Page<>(List.copyOf(found), Optional.empty());
        }
        List<T> items = List.copyOf(found.subList(0, LIMIT));
        return new Page<>(items, Optional.of(key.apply(items.get(LIMIT - 1))));
    }

    public <V> Page<V> map(Function<T, V> view) {
        return new Page<>(items.stream().map(view).toList(), next);
    }
}
