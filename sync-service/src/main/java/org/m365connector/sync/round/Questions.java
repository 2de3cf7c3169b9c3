package org.m365connector.sync.round;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.round.Rounds.Begun;

/**
 * What one round asks about single things. A 404 that is nobody's is no answer: the others are asked for, and then the round comes to
 * no end, so that the next one asks again. Of what is answered so for long ({@link Silences}) what else Graph shows of it counts: the
 * page that says that it is removed, or the list in which it is not. The 404 itself decides nothing.
 */
final class Questions {
    private static final int NOT_SIGNED_IN = 401;
    private static final int FOUND_NOTHING = 404;

    /** How often nothing was heard of which things. */
    interface Counts {
        /** Ids of those that are counted. */
        Set<String> ids();

        Silences.Meaning once(String id);

        void broken(String id);
    }

    private final Counts counts;
    private final Map<String, GraphException> putOff = new LinkedHashMap<>();
    private final Set<String> givenUp = new HashSet<>();
    private Optional<Set<String>> silent = Optional.empty();

    Questions(Counts counts) {
        this.counts = counts;
    }

    static Questions of(Begun round, Silences silences) {
        return new Questions(new Counts() {
            @Override
            public Set<String> ids() {
                return silences.of(round);
            }

            @Override
            public Silences.Meaning once(String id) {
                return silences.once(round, id);
            }

            @Override
            public void broken(String id) {
                silences.broken(round, id);
            }
        });
    }

    /** Of whoever asks for no single thing. */
    static Questions none() {
        return new Questions(new Counts() {
            @Override
            public Set<String> ids() {
                return Set.of();
            }

            @Override
            public Silences.Meaning once(String id) {
                return Silences.Meaning.NOT_ITS_TURN;
            }

            @Override
            public void broken(String id) {
                // Nothing is counted.
            }
        });
    }

    /**
     * Asks Graph.
     *
     * @param id of the thing
     * @param otherwise what counts where nothing but such 404s was heard of it for long
     * @return empty where it is to be asked for again: this round is to break off ({@link #orThrow})
     * @throws GraphException any other answer
     */
    <T> Optional<T> ask(String id, Supplier<T> question, T otherwise) {
        if (putOff.containsKey(id)) {
            return Optional.empty();
        }
        try {
            T answer = question.get();
            heardOf(id);
            return Optional.of(answer);
        } catch (GraphException e) {
            if (putOff.containsValue(e)) {
                // Said of another thing, on which this one depends.
                return Optional.empty();
            }
            if (Whereabouts.isNobodys(e.failure())) {
                return silence(id, e, otherwise);
            }
            if (isAnswer(e.failure())) {
                heardOf(id);
            }
            throw e;
        }
    }

    /** The same, where nothing goes on without an answer. */
    <T> T askNow(String id, Supplier<T> question, T otherwise) {
        return ask(id, question, otherwise)
                .orElseThrow(
                        () -> Optional.ofNullable(putOff.get(id)).or(this::end).orElseThrow());
    }

    private <T> Optional<T> silence(String id, GraphException e, T otherwise) {
        return switch (counts.once(id)) {
            case OF_A_MOMENT -> {
                putOff.put(id, e);
                yield Optional.empty();
            }
            case GIVEN_UP -> {
                givenUp.add(id);
                yield Optional.of(otherwise);
            }
            case NOT_ITS_TURN -> throw e;
        };
    }

    /** Graph has said something of this thing. */
    void heardOf(String id) {
        if (silent.isEmpty()) {
            silent = Optional.of(new HashSet<>(counts.ids()));
        }
        if (silent.get().remove(id)) {
            counts.broken(id);
        }
    }

    /** As with containers: no answer, throttling, sign-ins and what is said of a mailbox or a person count for nothing. */
    private static boolean isAnswer(GraphFailure failure) {
        return failure instanceof GraphFailure.Refused refused
                && !refused.retryable()
                && !refused.throttled()
                && refused.status() != NOT_SIGNED_IN
                && refused.status() != FOUND_NOTHING;
    }

    /** Whether nothing was heard of it for long, and not in this round either. */
    boolean isGivenUp(String id) {
        return givenUp.contains(id);
    }

    /** What is to be thrown once all the others were asked for. */
    Optional<GraphException> end() {
        return putOff.values().stream().findFirst();
    }

    /** @throws GraphException where something is to be asked for again */
    void orThrow() {
        if (end().isPresent()) {
            throw end().get();
        }
    }
}
