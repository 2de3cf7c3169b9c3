package org.m365connector.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ViewContentsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final ViewContents<String> contents = new ViewContents<>(Packing.none());

    @Test
    void newerVersionReplacesOlderOne() {
        contents.put("ada", new Versioned<>(1, "first"));

        var change = contents.put("ada", new Versioned<>(2, "second"));

        assertThat(change).contains(new ViewContents.Change<>("ada", Optional.of("first"), Optional.of("second")));
        assertThat(contents.get("ada")).contains("second");
    }

    @Test
    void olderVersionAndRepetitionChangeNothing() {
        contents.put("ada", new Versioned<>(2, "second"));

        assertThat(contents.put("ada", new Versioned<>(1, "first"))).isEmpty();
        assertThat(contents.put("ada", new Versioned<>(2, "second"))).isEmpty();
        assertThat(contents.get("ada")).contains("second");
    }

    @Test
    void olderVersionDoesNotBringBackARemovedKey() {
        contents.put("ada", new Versioned<>(1, "first"));
        contents.remove("ada", OptionalLong.of(2), NOW);

        assertThat(contents.put("ada", new Versioned<>(1, "first"))).isEmpty();
        assertThat(contents.put("ada", new Versioned<>(2, "same as the removal")))
                .isEmpty();
        assertThat(contents.get("ada")).isEmpty();
    }

    @Test
    void removalThatOvertookItsValueIsRemembered() {
        assertThat(contents.remove("ada", OptionalLong.of(2), NOW)).isEmpty();

        assertThat(contents.put("ada", new Versioned<>(1, "late"))).isEmpty();
        assertThat(contents.size()).isZero();
    }

    @Test
    void olderRemovalLeavesANewerValueAlone() {
        contents.put("ada", new Versioned<>(3, "third"));

        assertThat(contents.remove("ada", OptionalLong.of(2), NOW)).isEmpty();
        assertThat(contents.get("ada")).contains("third");
    }

    @Test
    void removedKeyMayComeAgainWithANewerVersion() {
        contents.put("ada", new Versioned<>(1, "first"));
        contents.remove("ada", OptionalLong.of(2), NOW);

        var change = contents.put("ada", new Versioned<>(3, "again"));

        assertThat(change).contains(new ViewContents.Change<>("ada", Optional.empty(), Optional.of("again")));
    }

    @Test
    void removalWithoutAVersionRemovesWhatIsKnown() {
        contents.put("ada", new Versioned<>(3, "third"));

        var change = contents.remove("ada", OptionalLong.empty(), NOW);

        assertThat(change).contains(new ViewContents.Change<>("ada", Optional.of("third"), Optional.empty()));
        assertThat(contents.put("ada", new Versioned<>(3, "third"))).isEmpty();
    }

    @Test
    void removalsAreForgottenWhenNoOlderRecordCanComeAnyMore() {
        contents.remove("ada", OptionalLong.of(2), NOW);

        contents.forgetRemovalsBefore(NOW.plus(Duration.ofDays(7)));

        assertThat(contents.put("ada", new Versioned<>(1, "first"))).isPresent();
    }
}
