package org.m365connector.events;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a portal may use, and when. Everybody who decides has it in {@link PortalRecord} and asks his own clock: that it ends is no
 * event. A portal without one may use everything for ever.
 *
 * @param from the first moment of it; missing: since ever
 * @param until the first moment after it; missing: for ever
 * @param features slugs such as {@code mail-send}; missing: all of them, empty: none
 * @param users how many portal users may have an account of their own; missing: any number
 */
public record Entitlement(
        Optional<Instant> from, Optional<Instant> until, Optional<Set<String>> features, Optional<Integer> users) {

    /** May use everything for ever. */
    public static final Entitlement UNLIMITED =
            new Entitlement(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** @throws IllegalArgumentException where it would end before it begins, or is for less than no users */
    public Entitlement {
        from = from == null ? Optional.empty() : from;
        until = until == null ? Optional.empty() : until;
        features = features == null ? Optional.empty() : features.map(Entitlement::sorted);
        users = users == null ? Optional.empty() : users;
        if (from.isPresent() && until.isPresent() && !from.get().isBefore(until.get())) {
            throw new IllegalArgumentException("from is not before until");
        }
        if (users.isPresent() && users.get() < 0) {
            throw new IllegalArgumentException("users is negative");
        }
    }

    /** The same order for everybody, so that the same entitlement is the same text. */
    private static Set<String> sorted(Set<String> features) {
        return Collections.unmodifiableSet(new TreeSet<>(features));
    }

    /** Whether it has begun and has not ended: {@code from} belongs to it, {@code until} does not. */
    public boolean isValid(Instant now) {
        return from.filter(now::isBefore).isEmpty() && !isOver(now);
    }

    public boolean isOver(Instant now) {
        return until.filter(end -> !now.isBefore(end)).isPresent();
    }

    /** Whether that feature may be used now. */
    public boolean allows(String feature, Instant now) {
        return isValid(now) && includes(feature);
    }

    /** Which of these features it does not include, whatever the time. */
    public List<String> lacking(Collection<String> wanted) {
        return wanted.stream().filter(feature -> !includes(feature)).toList();
    }

    /** Whether somebody more may have an account of his own. */
    public boolean hasRoomFor(long usersSoFar) {
        return users.filter(most -> usersSoFar >= most).isEmpty();
    }

    private boolean includes(String feature) {
        return features.map(those -> those.contains(feature)).orElse(true);
    }
}
