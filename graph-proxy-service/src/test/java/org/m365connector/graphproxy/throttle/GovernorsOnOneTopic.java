package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeHeld;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

/**
 * Whole governors on one topic that reaches each of them late, and not always. Every call is one to the same mailbox, of which Graph
 * has to see no more than four at once.
 */
final class GovernorsOnOneTopic {

    static final int AT_ONCE = 4;
    static final String MAILBOX = "mailbox/ada";
    private static final long LONGEST_CALL = 2_000;

    record Word(String replica, Object news, long saidAt, long writtenAt) {}

    private record Call(Replica replica, int permits, Permit permit) {}

    final FakeTime time = new FakeTime();
    final List<Word> topic = new ArrayList<>();
    final List<Replica> replicas = new ArrayList<>();
    private final List<Call> running = new ArrayList<>();
    private final Random random;
    private int named;
    int killed;
    int most;
    int done;
    int asked;
    int batchesDone;

    /** @param seed of all that happens by chance */
    GovernorsOnOneTopic(long seed, int count) {
        random = new Random(seed);
        for (int i = 0; i < count; i++) {
            come();
        }
    }

    Replica come() {
        Replica replica = new Replica();
        replicas.add(replica);
        return replica;
    }

    final class Replica {
        final String name = "replica-" + named++;
        private final Fleet fleet = new Fleet(name, Duration.ofSeconds(5));
        private final Hearing hearing = new Hearing(time, Duration.ofSeconds(5), fleet::settled);
        private final Turns turns = new Turns(name, time, fleet, this::say);
        private final Governor governor = new Governor(
                name,
                fleet,
                hearing,
                turns,
                new Governor.Patience(Duration.ofSeconds(5), Duration.ofSeconds(10)),
                new Crowd(256, 4_096),
                time,
                this::say);
        private final ReplicaNews news = new ReplicaNews(name, fleet, hearing, governor.apps(), turns, time);
        private int read;
        private int first = -1;
        private long heartbeat = time.millis() + random.nextInt(1_000);
        boolean writes = true;
        boolean reads = true;

        /** What of its words does not arrive. */
        Predicate<Object> loses = word -> false;

        void say(Object word) {
            // Who is gone says nothing more.
            if (writes && !loses.test(word) && replicas.contains(this)) {
                topic.add(new Word(name, word, time.millis(), time.millis()));
            }
        }

        void step() {
            if (time.millis() >= heartbeat) {
                heartbeat += 1_000;
                say(news.ofOurselves());
            }
            if (first < 0) {
                findFirst();
            }
            long until = time.millis() - random.nextInt(40);
            while (reads && first >= 0 && read < topic.size() && topic.get(read).writtenAt() <= until) {
                hear(topic.get(read), read);
                read++;
            }
        }

        private void findFirst() {
            for (int i = 0; i < topic.size() && first < 0; i++) {
                if (topic.get(i).replica().equals(name) && topic.get(i).news() instanceof ReplicaAlive) {
                    first = i;
                    news.heardSelf(topic.get(i).saidAt(), topic.get(i).writtenAt());
                }
            }
        }

        private void hear(Word word, int offset) {
            if (word.news() instanceof ReplicaAlive && word.replica().equals(name)) {
                news.heardSelf(word.saidAt(), word.writtenAt());
            }
            try {
                JsonNode data = EventCodec.json().valueToTree(word.news());
                Event<JsonNode> event = Event.of("id", URI.create("/test"), type(word.news()), Instant.EPOCH, data);
                news.hear(event, time.millis() - word.writtenAt());
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
            if (offset >= first) {
                news.caughtUp();
            }
        }

        void call(int permits) {
            call(permits, () -> 1 + random.nextInt((int) LONGEST_CALL));
        }

        void call(int permits, Duration lasts) {
            call(permits, lasts::toMillis);
        }

        private void call(int permits, LongSupplier lasts) {
            asked++;
            Need atOnce = new Need(MAILBOX + "/outlook#at-once", new Limit(AT_ONCE, Duration.ZERO), permits, false);
            Need home = new Need(MAILBOX, Limit.NONE, 1, true);
            governor.ask(new Demand("app", List.of(MAILBOX), List.of(atOnce, home)), Lane.SYNC)
                    .onSuccess(permit -> begin(permits, permit, lasts.getAsLong()));
        }

        private void begin(int permits, Permit permit, long lasts) {
            if (!replicas.contains(this)) {
                return;
            }
            assertThat(permit.begin()).isEqualTo(Permit.Going.NOW);
            Call call = new Call(this, permits, permit);
            running.add(call);
            // Graph runs no more than four of a batch at once.
            int now = running.stream()
                    .mapToInt(each -> Math.min(AT_ONCE, each.permits()))
                    .sum();
            most = Math.max(most, now);
            assertThat(now)
                    .as(() -> "at once with " + name + ": "
                            + running.stream()
                                    .map(each -> each.replica().name + " x" + each.permits())
                                    .toList())
                    .isLessThanOrEqualTo(AT_ONCE);
            time.after(lasts, () -> {
                if (running.remove(call)) {
                    permit.release();
                    done++;
                    batchesDone += permits > 1 ? 1 : 0;
                }
            });
        }

        /** How many it shares the limit with, itself included. */
        int counts() {
            return fleet.alive();
        }

        boolean ready() {
            return hearing.everHeard();
        }

        /** Where nothing of its runs, or is about to: else it would be as if it was killed. */
        void leave() {
            news.farewell().ifPresent(farewell -> {
                say(farewell);
                replicas.remove(this);
            });
        }

        void cutOff() {
            writes = false;
            reads = false;
        }

        void kill() {
            killed++;
            replicas.remove(this);
            running.removeIf(call -> call.replica() == this);
        }
    }

    private static String type(Object news) {
        if (news instanceof ReplicaAlive) {
            return ReplicaAlive.TYPE;
        } else if (news instanceof ScopeThrottled) {
            return ScopeThrottled.TYPE;
        } else if (news instanceof ScopeUsed) {
            return ScopeUsed.TYPE;
        } else if (news instanceof ScopeHeld) {
            return ScopeHeld.TYPE;
        } else if (news instanceof TurnTaken) {
            return TurnTaken.TYPE;
        }
        return TurnEnded.class.isInstance(news) ? TurnEnded.TYPE : "unknown";
    }

    void live(Duration duration, double batches, Consumer<Random> disturbance) {
        long end = time.millis() + duration.toMillis();
        while (time.millis() < end) {
            time.pass(1 + random.nextInt(20));
            List.copyOf(replicas).forEach(Replica::step);
            List<Replica> ready = replicas.stream().filter(Replica::ready).toList();
            if (!ready.isEmpty() && random.nextInt(25) == 0) {
                boolean batch = random.nextDouble() < batches;
                ready.get(random.nextInt(ready.size())).call(batch ? 2 + random.nextInt(19) : 1);
            }
            disturbance.accept(random);
        }
        // What fails in the middle of an answer may get lost there.
        assertThat(most).isLessThanOrEqualTo(AT_ONCE);
    }

    /** Time passes, and nobody calls of his own accord. */
    void pass(Duration duration) {
        long end = time.millis() + duration.toMillis();
        while (time.millis() < end) {
            time.pass(10);
            List.copyOf(replicas).forEach(Replica::step);
        }
    }

    /** How often it has said that it is there. */
    long heartbeats(Replica replica) {
        return topic.stream()
                .filter(word -> word.news() instanceof ReplicaAlive alive
                        && alive.replica().equals(replica.name))
                .count();
    }

    int running() {
        return running.size();
    }

    int running(Replica replica) {
        return (int) running.stream().filter(call -> call.replica() == replica).count();
    }

    Replica any() {
        return replicas.get(random.nextInt(replicas.size()));
    }
}
