package org.m365connector.sync.change;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.Change;

class DecisionTest {
    private static final Instant BEGIN = Instant.parse("2026-11-22T10:00:00Z");
    private static final Instant BEFORE = BEGIN.minusSeconds(60);
    private static final Instant AFTER = BEGIN.plusSeconds(60);

    private static Item item(String etag, Instant created, Instant modified) {
        return new Item("1", "p/1", false, etag, created, modified, JsonNodeFactory.instance.objectNode(), Map.of());
    }

    private static Item removed() {
        return new Item("1", "p/1", true, "", BEFORE, BEFORE, JsonNodeFactory.instance.objectNode(), Map.of());
    }

    private static Optional<Known> known(int generation, String etag, Instant modified, boolean deleted) {
        return Optional.of(new Known(generation, etag, modified, deleted));
    }

    private static Optional<Change.Kind> later(Item item, Optional<Known> known) {
        return Decision.of(item, known, Optional.empty(), Optional.empty()).event();
    }

    private static Optional<Change.Kind> first(Item item) {
        return Decision.of(item, Optional.empty(), Optional.of(BEGIN), Optional.empty())
                .event();
    }

    @Test
    void newResourceIsCreated() {
        assertThat(later(item("a", BEFORE, BEFORE), Optional.empty())).contains(Change.Kind.CREATED);
    }

    @Test
    void firstRoundTellsWhatHappenedSinceTheWatchBegan() {
        assertThat(first(item("a", BEFORE, BEFORE))).isEmpty();
        assertThat(first(item("a", BEGIN, BEGIN))).contains(Change.Kind.CREATED);
        assertThat(first(item("a", BEFORE, AFTER))).contains(Change.Kind.UPDATED);
    }

    @Test
    void firstRoundRemembersWhatItDoesNotTell() {
        assertThat(Decision.of(item("a", BEFORE, BEFORE), Optional.empty(), Optional.of(BEGIN), Optional.empty())
                        .remember())
                .isTrue();
    }

    @Test
    void sameVersionIsToldOnce() {
        assertThat(later(item("a", BEFORE, AFTER), known(1, "a", AFTER, false))).isEmpty();
    }

    @Test
    void newerVersionIsUpdated() {
        assertThat(later(item("b", BEFORE, AFTER), known(1, "a", BEGIN, false))).contains(Change.Kind.UPDATED);
    }

    @Test
    void olderVersionIsAReplay() {
        assertThat(later(item("a", BEFORE, BEGIN), known(1, "b", AFTER, false))).isEmpty();
    }

    @Test
    void removalIsToldOnce() {
        assertThat(later(removed(), known(1, "a", BEGIN, false))).contains(Change.Kind.DELETED);
        assertThat(later(removed(), known(1, "a", BEGIN, true))).isEmpty();
        assertThat(later(removed(), Optional.empty())).isEmpty();
    }

    @Test
    void whatComesBackNewerIsANewGeneration() {
        Decision decision =
                Decision.of(item("b", BEFORE, AFTER), known(1, "a", BEGIN, true), Optional.empty(), Optional.empty());

        assertThat(decision.event()).contains(Change.Kind.CREATED);
        assertThat(decision.generation()).isEqualTo(2);
    }

    @Test
    void stateThatADeltaShowsBehindADeletionIsAskedFor() {
        Item newer = item("b", BEFORE, AFTER);
        Optional<Known> known = known(1, "a", BEGIN, true);

        assertThat(Decision.needsConfirmation(newer, known)).isTrue();
        assertThat(Decision.of(newer, known, Optional.empty(), Optional.of(false))
                        .event())
                .as("it was told from a look, which was ahead of the delta")
                .isEmpty();
    }

    @Test
    void whatSeemsToComeBackUnchangedIsAskedFor() {
        Item same = item("a", BEFORE, BEGIN);
        Optional<Known> known = known(1, "a", BEGIN, true);

        assertThat(Decision.needsConfirmation(same, known)).isTrue();
        assertThat(Decision.of(same, known, Optional.empty(), Optional.of(false))
                        .event())
                .isEmpty();
        assertThat(Decision.of(same, known, Optional.empty(), Optional.of(true)).event())
                .contains(Change.Kind.CREATED);
    }

    @Test
    void oldRemovalOfWhatHasComeBackIsAskedFor() {
        Optional<Known> known = known(2, "b", AFTER, false);

        assertThat(Decision.needsConfirmation(removed(), known)).isTrue();
        assertThat(Decision.of(removed(), known, Optional.empty(), Optional.of(true))
                        .event())
                .isEmpty();
    }

    @Test
    void idsDependOnEveryPart() {
        var portal = new org.m365connector.events.PortalId("p");
        String id = ChangeIds.of(portal, "c", "1", 1, "e", false);

        assertThat(ChangeIds.of(portal, "c", "1", 1, "e", false)).isEqualTo(id);
        assertThat(ChangeIds.of(portal, "c", "1", 2, "e", false)).isNotEqualTo(id);
        assertThat(ChangeIds.of(portal, "c", "1", 1, "f", false)).isNotEqualTo(id);
        assertThat(ChangeIds.of(portal, "c", "11", 1, "e", false)).isNotEqualTo(id);
        assertThat(ChangeIds.of(portal, "c", "1", 1, "e", true))
                .isEqualTo(ChangeIds.of(portal, "c", "1", 1, "whatever", true));
    }

    @Test
    void membersThatDifferAreNamed() {
        String before = FieldHashes.of(Map.of("isRead", "false", "subject", "Hello"));

        assertThat(before).doesNotContain("Hello");
        assertThat(FieldHashes.changed(before, Map.of("isRead", "true", "subject", "Hello")))
                .containsExactly("isRead");
    }

    private static Optional<Known> ahead(String etag, Instant modified) {
        return Optional.of(new Known(1, etag, modified, false, true));
    }

    @Test
    void stateOfTheSameSecondAsOneThatALookHasShownIsUndecided() {
        assertThat(Decision.isUndecided(item("a", BEFORE, AFTER), ahead("b", AFTER)))
                .isTrue();
        assertThat(Decision.isUndecided(item("b", BEFORE, AFTER), ahead("b", AFTER)))
                .as("it is the same")
                .isFalse();
        assertThat(Decision.isUndecided(item("c", BEFORE, AFTER), ahead("b", BEGIN)))
                .as("it is newer")
                .isFalse();
        assertThat(later(item("a", BEFORE, BEGIN), ahead("b", AFTER)))
                .as("it is older")
                .isEmpty();
        assertThat(Decision.isUndecided(item("a", BEFORE, AFTER), known(1, "b", AFTER, false)))
                .as("rounds show one state after the other")
                .isFalse();
        assertThat(Decision.isUndecided(item("a", BEFORE, AFTER), Optional.empty()))
                .isFalse();
    }

    @Test
    void removalOfWhatALookHasShownMayBeLate() {
        assertThat(Decision.needsConfirmation(removed(), ahead("b", AFTER))).isTrue();
        assertThat(Decision.of(removed(), ahead("b", AFTER), Optional.empty(), Optional.of(true))
                        .event())
                .isEmpty();
        assertThat(Decision.of(removed(), ahead("b", AFTER), Optional.empty(), Optional.of(false))
                        .event())
                .contains(Change.Kind.DELETED);
    }
}
