package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

class QuestionsTest {
    private static final int BOUND = 4;
    private static final int MOST = 3;

    private final Counted counted = new Counted();

    /** As the table does, at some distance each. */
    private static final class Counted implements Questions.Counts {
        private final Map<String, Integer> looks = new HashMap<>();

        @Override
        public Set<String> ids() {
            return looks.keySet();
        }

        @Override
        public Silences.Meaning once(String id) {
            if (!looks.containsKey(id) && looks.size() == MOST) {
                return Silences.Meaning.NOT_ITS_TURN;
            }
            return looks.merge(id, 1, Integer::sum) >= BOUND ? Silences.Meaning.GIVEN_UP : Silences.Meaning.OF_A_MOMENT;
        }

        @Override
        public void broken(String id) {
            looks.remove(id);
        }
    }

    private static Supplier<String> refused(int status, String code) {
        return () -> {
            throw new GraphException(new GraphFailure.Refused(status, code, "text", Optional.empty()));
        };
    }

    private static final Supplier<String> SILENCE = refused(404, "");

    private Questions nextRound() {
        return new Questions(counted);
    }

    @Test
    void othersAreAskedForBeforeTheRoundBreaksOff() {
        Questions questions = nextRound();

        assertThat(questions.ask("a", SILENCE, "otherwise")).isEmpty();
        assertThat(questions.ask("b", () -> "there", "otherwise")).contains("there");

        assertThatThrownBy(questions::orThrow).isInstanceOf(GraphException.class);
    }

    @Test
    void whatIsAnsweredSoForLongHoldsNoRoundUpAndWhatIsOnceDoes() {
        for (int round = 1; round < BOUND; round++) {
            assertThat(nextRound().ask("a", SILENCE, "otherwise")).isEmpty();
        }
        Questions last = nextRound();

        assertThat(last.ask("a", SILENCE, "otherwise")).contains("otherwise");
        assertThat(last.isGivenUp("a")).isTrue();
        last.orThrow();
        assertThat(last.ask("b", SILENCE, "otherwise")).isEmpty();
        assertThatThrownBy(last::orThrow).isInstanceOf(GraphException.class);
        assertThat(nextRound().ask("b", () -> "there", "otherwise")).contains("there");
    }

    @Test
    void countIsOverAsSoonAsAnythingElseIsHeardAndNotByWhatSaysNothingOfTheThing() {
        nextRound().ask("a", SILENCE, "otherwise");
        for (Supplier<String> nothing : Set.of(
                refused(503, ""), refused(429, ""), refused(401, ""), refused(404, "MailboxNotEnabledForRESTAPI"))) {
            assertThatThrownBy(() -> nextRound().ask("a", nothing, "otherwise")).isInstanceOf(GraphException.class);
            assertThat(counted.looks).containsEntry("a", 1);
        }

        nextRound().ask("a", () -> "there", "otherwise");
        assertThat(counted.looks).isEmpty();

        nextRound().ask("a", SILENCE, "otherwise");
        assertThatThrownBy(() -> nextRound().ask("a", refused(403, "ErrorAccessDenied"), "otherwise"))
                .isInstanceOf(GraphException.class);
        assertThat(counted.looks).isEmpty();
    }

    @Test
    void whereManyAreAnsweredSoTheRoundBreaksOffAtOnce() {
        Questions questions = nextRound();
        for (int thing = 0; thing < MOST; thing++) {
            assertThat(questions.ask("thing" + thing, SILENCE, "otherwise")).isEmpty();
        }

        assertThatThrownBy(() -> questions.ask("one more", SILENCE, "otherwise"))
                .isInstanceOf(GraphException.class);
    }

    @Test
    void whatDependsOnAnotherThingIsNotCountedForIt() {
        Questions questions = nextRound();

        assertThat(questions.ask("occurrence", () -> questions.askNow("series", SILENCE, ""), "otherwise"))
                .isEmpty();

        assertThat(counted.looks).containsOnlyKeys("series");
    }
}
