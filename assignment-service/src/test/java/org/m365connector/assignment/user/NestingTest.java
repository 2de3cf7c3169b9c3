package org.m365connector.assignment.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NestingTest {
    @Test
    void whoIsInAGroupIsInThoseThatItLiesIn() {
        var nesting = nesting(Map.of("berlin", group(0, "sales"), "sales", group(0, "staff")));

        assertThat(places(nesting, "berlin")).containsExactly("berlin", "sales", "staff");
    }

    @Test
    void highestPriorityDecidesThenTheNearestThenTheFirstByName() {
        var nesting = nesting(Map.of(
                "zurich", group(0, "board"),
                "athens", group(0),
                "board", group(5),
                "lowly", group(-1)));

        assertThat(places(nesting, "lowly", "zurich", "athens", "unheard-of"))
                .containsExactly("board", "athens", "unheard-of", "zurich", "lowly");
    }

    @Test
    void shortestWayCounts() {
        var nesting = nesting(Map.of("a", group(0, "b", "c"), "b", group(0, "c")));

        assertThat(nesting.placesOf(List.of("a")))
                .containsExactly(
                        new Nesting.Place("a", 0, 0), new Nesting.Place("b", 0, 1), new Nesting.Place("c", 0, 1));
    }

    @Test
    void circleLeadsNowhere() {
        var nesting = nesting(Map.of("a", group(0, "b"), "b", group(0, "a", "b")));

        assertThat(places(nesting, "a")).containsExactly("a", "b");
    }

    @Test
    void beyondTheLastLevelNothingCounts() {
        var groups = new HashMap<String, Nesting.Group>();
        for (int level = 0; level < 30; level++) {
            groups.put(name(level), group(0, name(level + 1)));
        }

        assertThat(places(nesting(groups), name(0))).hasSize(Nesting.MOST_LEVELS + 1);
        assertThat(nesting(groups).levelsFrom(List.of(name(0)))).isGreaterThan(Nesting.MOST_LEVELS);
        assertThat(nesting(groups).levelsFrom(List.of(name(28)))).isEqualTo(3);
    }

    private static String name(int level) {
        return "level-%02d".formatted(level);
    }

    private static Nesting nesting(Map<String, Nesting.Group> groups) {
        return new Nesting(groups);
    }

    private static Nesting.Group group(int priority, String... memberOf) {
        return new Nesting.Group(priority, Arrays.asList(memberOf));
    }

    private static List<String> places(Nesting nesting, String... own) {
        return nesting.placesOf(List.of(own)).stream().map(Nesting.Place::group).toList();
    }
}
