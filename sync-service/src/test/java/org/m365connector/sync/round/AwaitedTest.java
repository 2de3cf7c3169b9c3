package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.change.ToldStates.State;

class AwaitedTest {

    private static OpenHint hint(String changeType, String etag) {
        OpenHint hint = new OpenHint();
        hint.resourceId = "1";
        hint.changeType = changeType;
        hint.etag = etag;
        return hint;
    }

    private static Item item(boolean removed, String etag) {
        return new Item(
                "1",
                "p/1",
                removed,
                etag,
                Instant.EPOCH,
                Instant.EPOCH,
                JsonNodeFactory.instance.objectNode(),
                Map.of());
    }

    private static boolean isAnswered(OpenHint hint, Map<String, State> told, Item... shown) {
        Awaited awaited = new Awaited(List.of(hint), told);
        awaited.shown(List.of(shown));
        return awaited.answered().contains("1");
    }

    @Test
    void versionThatIsNamedMustBeShownOrHaveBeenTold() {
        assertThat(isAnswered(hint("updated", "b"), Map.of())).isFalse();
        assertThat(isAnswered(hint("updated", "b"), Map.of("1", new State("a", false)), item(false, "a")))
                .isFalse();
        assertThat(isAnswered(hint("updated", "b"), Map.of("1", new State("b", false))))
                .isTrue();
        assertThat(isAnswered(hint("updated", "b"), Map.of("1", new State("a", false)), item(false, "b")))
                .isTrue();
        assertThat(isAnswered(hint("created", "b"), Map.of("1", new State("b", true))))
                .isFalse();
        assertThat(isAnswered(hint("updated", "b"), Map.of(), item(true, ""))).isFalse();
    }

    @Test
    void whereNoVersionIsNamedTheRoundThatShowsItWillDo() {
        assertThat(isAnswered(hint("updated", null), Map.of("1", new State("a", false))))
                .isFalse();
        assertThat(isAnswered(hint("updated", null), Map.of(), item(false, "a")))
                .isTrue();
        assertThat(isAnswered(hint("created", null), Map.of("1", new State("a", false))))
                .as("what is known has been created")
                .isTrue();
    }

    @Test
    void deletionIsAnsweredByARemovalOnly() {
        assertThat(isAnswered(hint("deleted", null), Map.of("1", new State("a", false)), item(false, "b")))
                .isFalse();
        assertThat(isAnswered(hint("deleted", null), Map.of("1", new State("a", false)), item(true, "")))
                .isTrue();
        assertThat(isAnswered(hint("deleted", null), Map.of("1", new State("a", true))))
                .isTrue();
        assertThat(isAnswered(hint("deleted", null), Map.of()))
                .as("who has not heard of it need not hear of its end")
                .isTrue();
    }
}
