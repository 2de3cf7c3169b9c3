package org.m365connector.assignment.user;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Groups that lie in groups. Whoever belongs to a group belongs to those that it lies in, up to {@link #MOST_LEVELS} upwards;
 * what lies beyond does not count. A group is entered once, so circles lead nowhere.
 */
public final class Nesting {
    /** How many levels upwards count. */
    public static final int MOST_LEVELS = 10;

    private static final Group UNKNOWN = new Group(0, List.of());

    private final Map<String, Group> groups;

    /** What matters of a group: which decides first, and where it lies. */
    public record Group(int priority, List<String> memberOf) {}

    /** A group that somebody belongs to. */
    public record Place(String group, int priority, int distance) {}

    /** @param groups by id; those that are missing lie nowhere */
    public Nesting(Map<String, Group> groups) {
        this.groups = Map.copyOf(groups);
    }

    /**
     * The groups that somebody belongs to who was told to be in these; the one that decides first: the highest priority, then the
     * nearest, then the first by id.
     */
    public List<Place> placesOf(Collection<String> own) {
        var places = new ArrayList<Place>();
        distances(own)
                .forEach((group, distance) -> places.add(
                        new Place(group, groups.getOrDefault(group, UNKNOWN).priority(), distance)));
        places.sort(Comparator.comparingInt(Place::priority)
                .reversed()
                .thenComparingInt(Place::distance)
                .thenComparing(Place::group));
        return places;
    }

    /** How many levels there are upwards from these, themselves counted; at most one more than count. */
    int levelsFrom(Collection<String> own) {
        return distances(own).values().stream()
                .mapToInt(distance -> distance + 1)
                .max()
                .orElse(0);
    }

    private Map<String, Integer> distances(Collection<String> own) {
        var distances = new LinkedHashMap<String, Integer>();
        Set<String> level = new LinkedHashSet<>(own);
        for (int distance = 0; distance <= MOST_LEVELS && !level.isEmpty(); distance++) {
            var next = new LinkedHashSet<String>();
            for (var group : level) {
                if (distances.putIfAbsent(group, distance) == null) {
                    next.addAll(groups.getOrDefault(group, UNKNOWN).memberOf());
                }
            }
            level = next;
        }
        return distances;
    }
}
