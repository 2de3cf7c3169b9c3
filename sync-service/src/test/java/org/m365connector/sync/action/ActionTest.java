package org.m365connector.sync.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.Outcome;

class ActionTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Draft DRAFT = new Draft("immutable-id", Optional.empty(), Optional.empty());

    private static Action attempting(Step step) {
        Action action = new Action();
        action.become(new ActionState.Received(), NOW);
        action.become(new ActionState.Attempting(step), NOW);
        return action;
    }

    @Test
    void mailIsKnownAsTheEffectBeforeItIsSent() {
        assertThat(attempting(new Step.CreatingDraft()).effectId()).isEmpty();
        assertThat(attempting(new Step.SendingDraft(DRAFT, NOW, false)).effectId())
                .contains("immutable-id");
    }

    @Test
    void mailOfWhichNobodyKnowsStaysTheEffect() {
        Action action = attempting(new Step.SendingDraft(DRAFT, NOW, true));

        action.finish(Outcome.OUTCOME_UNKNOWN, Optional.empty(), NOW);

        assertThat(action.effectId()).contains("immutable-id");
    }

    @Test
    void messageIsKnownOnceGraphHasNamedIt() {
        Action action = attempting(new Step.PostingMessage());

        action.finish(Outcome.DONE, Optional.of("message"), NOW);

        assertThat(action.effectId()).contains("message");
    }
}
