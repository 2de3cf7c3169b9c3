package org.m365connector.sync.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.EventCodec;

/**
 * What an action is about to do at Graph, or may have done: written down before the call, so that whoever finds it after a crash
 * knows what to look for.
 *
 * <pre>
 * mail     CreatingDraft ──▶ SendingDraft          (look for the mail by its extended property, then go on)
 *              │  ▲               │  ▲
 *              ▼  │               ▼  │
 *            nothing           Drafted             (the call was surely not executed)
 *                                 │
 *                                 ▼
 *                          DiscardingDraft         (Graph refused to send it: nobody sends it any more)
 *
 * message  PostingMessage                          (there is nothing to look for: outcome unknown)
 * </pre>
 */
sealed interface Step {

    /** What is left at Graph where the call was surely not executed. */
    Optional<Step> before();

    /** Whether one can find out at Graph whether the call took effect. */
    boolean canBeLookedUp();

    /** Whether the action may have had its effect once this has been begun: until that is known, nothing may say that it had none. */
    default boolean mayBeItsEffect() {
        return false;
    }

    /** The same after its call has ended, however it did. */
    default Step endedAt(Instant time) {
        return this;
    }

    record CreatingDraft() implements Step {
        @Override
        public Optional<Step> before() {
            return Optional.empty();
        }

        @Override
        public boolean canBeLookedUp() {
            return true;
        }
    }

    /** A draft is there, and nobody has tried to send it. */
    record Drafted(Draft draft) implements Step {
        @Override
        public Optional<Step> before() {
            return Optional.of(this);
        }

        @Override
        public boolean canBeLookedUp() {
            return true;
        }
    }

    /** @param since by when the last call that sends it has surely ended: from then on the mail settles */
    record SendingDraft(Draft draft, Instant since, boolean again) implements Step {
        /** An earlier attempt may have sent it, so that doubt stays. */
        @Override
        public Optional<Step> before() {
            return Optional.of(again ? this : new Drafted(draft));
        }

        @Override
        public boolean canBeLookedUp() {
            return true;
        }

        @Override
        public boolean mayBeItsEffect() {
            return true;
        }

        @Override
        public Step endedAt(Instant time) {
            return new SendingDraft(draft, time, again);
        }
    }

    /**
     * Graph has refused to send this draft. Written down before it is deleted: who finds this sends nothing, so what is deleted
     * cannot be a mail that another worker has sent meanwhile.
     */
    record DiscardingDraft(Draft draft, int status, String code) implements Step {
        @Override
        public Optional<Step> before() {
            return Optional.of(this);
        }

        @Override
        public boolean canBeLookedUp() {
            return true;
        }

        String toJson() {
            return new String(EventCodec.bytes(this), StandardCharsets.UTF_8);
        }

        static DiscardingDraft fromJson(String json) {
            try {
                return EventCodec.json().readValue(json, DiscardingDraft.class);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a stored refusal cannot be read", e);
            }
        }
    }

    record PostingMessage() implements Step {
        @Override
        public Optional<Step> before() {
            return Optional.empty();
        }

        @Override
        public boolean canBeLookedUp() {
            return false;
        }

        @Override
        public boolean mayBeItsEffect() {
            return true;
        }
    }
}
