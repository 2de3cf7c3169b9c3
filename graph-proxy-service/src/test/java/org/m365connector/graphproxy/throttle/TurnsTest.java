package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

/** Three replicas and a topic whose news reach each of them when the test says so. */
class TurnsTest {

    private static final List<String> NAMES = List.of("a", "b", "c");

    private static final Peers PEERS = new Peers() {
        @Override
        public Set<String> names() {
            return Set.copyOf(NAMES);
        }

        @Override
        public boolean sharesOut(int limit) {
            return limit >= NAMES.size();
        }

        @Override
        public boolean agreed() {
            return true;
        }

        @Override
        public int reserved(int limit) {
            return 0;
        }
    };

    private final FakeTime time = new FakeTime();
    private final List<Object> log = new ArrayList<>();
    private final Map<String, Turns> replicas = new HashMap<>();
    private final Map<String, Integer> read = new HashMap<>();

    TurnsTest() {
        NAMES.forEach(name -> {
            replicas.put(name, new Turns(name, time, PEERS, log::add));
            replicas.get(name).tell(new TurnScopes() {
                @Override
                public void goByTurns(String app, String scope, Limit limit, String opener, long until) {}

                @Override
                public void areShared(String app, String scope) {}
            });
            read.put(name, 0);
        });
    }

    private void deliver(String name) {
        for (int at = read.get(name); at < log.size(); at = read.get(name)) {
            read.put(name, at + 1);
            if (log.get(at) instanceof TurnTaken taken) {
                replicas.get(name).heard(taken, time.millis());
            } else {
                replicas.get(name).heard((TurnEnded) log.get(at));
            }
        }
    }

    private void deliverToAll() {
        NAMES.forEach(this::deliver);
    }

    private static Need oneASecond(String scope) {
        return new Need(scope, new Limit(1, Duration.ofSeconds(1)), 1, false);
    }

    private static Need twoAtOnce(String scope) {
        return new Need(scope, new Limit(2, Duration.ZERO), 1, false);
    }

    @Test
    void callsInATimeBeginOneWindowApartWhicheverReplicaTheyAreOf() {
        List<Future<Turn>> turns = new ArrayList<>();
        for (String name : List.of("a", "b", "a", "c")) {
            turns.add(replicas.get(name)
                    .take("app", List.of(oneASecond("channel/x")))
                    .turn());
        }
        deliver("c");
        deliver("a");
        deliver("b");

        long now = time.millis();
        assertThat(turns)
                .extracting(turn -> turn.result().startsAt() - now)
                .containsExactly(0L, 1_062L, 2_124L, 3_186L);
        assertThat(replicas.get("b").millisToWait("app", List.of(oneASecond("channel/x")), now))
                .isEqualTo(4_248);
        assertThat(replicas.get("b").millisToWait("app", List.of(oneASecond("channel/y")), now))
                .isZero();
    }

    @Test
    void aCallOfTwoScopesBeginsWhenBothAreFree() {
        replicas.get("a").take("app", List.of(oneASecond("channel/x")));
        replicas.get("b").take("app", List.of(oneASecond("channel/x")));
        Future<Turn> both = replicas.get("c")
                .take("app", List.of(oneASecond("channel/x"), oneASecond("user/u")))
                .turn();
        Future<Turn> user =
                replicas.get("a").take("app", List.of(oneASecond("user/u"))).turn();
        deliverToAll();

        assertThat(both.result().startsAt() - time.millis()).isEqualTo(2_124);
        assertThat(user.result().startsAt() - both.result().startsAt()).isEqualTo(1_062);
    }

    @Test
    void neverMoreAtOnceThanTheLimitWhateverTheOthersKnowAndEverybodyComesToHisTurn() {
        List<Future<Turn>> turns = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            turns.add(replicas.get(NAMES.get(i % 3))
                    .take("app", List.of(twoAtOnce("mailbox/m")))
                    .turn());
        }
        List<Future<Turn>> inside = new ArrayList<>();
        int done = 0;
        for (int round = 0; done < 9 && round < 100; round++) {
            // News reach one replica at a time.
            deliver(NAMES.get(round % 3));
            turns.stream()
                    .filter(turn -> turn.succeeded() && !inside.contains(turn))
                    .toList()
                    .forEach(turn -> {
                        inside.add(turn);
                        turns.remove(turn);
                    });
            assertThat(inside).hasSizeLessThanOrEqualTo(2);
            if (!inside.isEmpty() && round % 2 == 0) {
                inside.remove(0).result().end();
                done++;
            }
        }
        assertThat(done).isEqualTo(9);
    }

    @Test
    void wordsStandOnTheTopicInTheOrderOfTheirNumbers() throws InterruptedException {
        Turns turns = replicas.get("a");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(new Thread(() -> {
                for (int n = 0; n < 200; n++) {
                    turns.take("app", List.of(oneASecond("channel/x")));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(log)
                .hasSize(1_600)
                .extracting(taken -> ((TurnTaken) taken).number())
                .isSorted();
        deliver("b");
        assertThat(replicas.get("b").millisToWait("app", List.of(oneASecond("channel/x")), time.millis()))
                .isEqualTo(1_600 * 1_062);
    }

    @Test
    void whatADeadReplicaHeldIsFree() {
        replicas.get("a").take("app", List.of(twoAtOnce("mailbox/m")));
        replicas.get("a").take("app", List.of(twoAtOnce("mailbox/m")));
        Future<Turn> waits =
                replicas.get("b").take("app", List.of(twoAtOnce("mailbox/m"))).turn();
        deliverToAll();
        assertThat(waits.isComplete()).isFalse();

        replicas.get("b").gone("a");

        assertThat(waits.succeeded()).isTrue();
    }

    @Test
    void aTopicThatIsSilentIsNotWaitedFor() {
        Future<Turn> turn =
                replicas.get("a").take("app", List.of(twoAtOnce("mailbox/m"))).turn();
        time.pass(1_000);
        assertThat(turn.failed()).isTrue();

        assertThat(replicas.get("a").answered()).isFalse();
        assertThat(replicas.get("a").open()).isZero();

        // It was written after all: then it is given back.
        deliverToAll();
        assertThat(replicas.get("a").answered()).isTrue();
        assertThat(log.get(log.size() - 1)).isInstanceOf(TurnEnded.class);
        deliverToAll();
        replicas.get("b").take("app", List.of(twoAtOnce("mailbox/m")));
        Future<Turn> second =
                replicas.get("b").take("app", List.of(twoAtOnce("mailbox/m"))).turn();
        deliverToAll();
        assertThat(second.succeeded()).isTrue();
    }

    @Test
    void anEndThatIsLostIsSaidAgain() {
        Future<Turn> held =
                replicas.get("a").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        Future<Turn> waits =
                replicas.get("b").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        deliverToAll();
        held.result().end();
        assertThat(log.remove(log.size() - 1)).isInstanceOf(TurnEnded.class);

        time.pass(4_000);
        replicas.get("a").sweep();
        deliverToAll();

        assertThat(waits.succeeded()).isTrue();
        assertThat(replicas.get("a").open()).as("only what b holds").isEqualTo(1);
    }

    @Test
    void whoGivesUpIsPassedOver() {
        Future<Turn> held =
                replicas.get("a").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        Turns.Asked first = replicas.get("b").take("app", List.of(oneAtOnce("mailbox/m")));
        Future<Turn> second =
                replicas.get("c").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        deliverToAll();

        first.giveUp().run();
        held.result().end();
        deliverToAll();

        assertThat(second.succeeded()).isTrue();
        assertThat(first.turn().failed()).isTrue();
    }

    @Test
    void whoStartsInheritsNothingOfTheDead() {
        replicas.get("a").take("app", List.of(oneAtOnce("mailbox/m")));
        deliver("b");
        replicas.get("b").keepOnly(Set.of("b", "c"));

        Future<Turn> turn =
                replicas.get("b").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        deliver("b");

        assertThat(turn.succeeded()).isTrue();
    }

    @Test
    void whoHasBeenAwayGivesBackWhatTheOthersMayHaveForgotten() {
        Future<Turn> runs =
                replicas.get("a").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        Future<Turn> waits =
                replicas.get("a").take("app", List.of(oneAtOnce("mailbox/m"))).turn();
        deliverToAll();
        assertThat(runs.succeeded()).isTrue();
        // To b it was lost, to c it was not.
        replicas.get("b").gone("a");

        replicas.get("a").haveBeenAway();
        deliverToAll();

        assertThat(waits.failed()).as("it asks again").isTrue();
        assertThat(NAMES).allMatch(name -> replicas.get(name).open() == 0);
        runs.result().end();
        assertThat(replicas.get("a").open()).isZero();
    }

    @Test
    void whatIsReadLateIsOld() {
        replicas.get("b").heard(new TurnTaken("app", "a", 1, List.of(partOfOneASecond())), time.millis() - 700);
        assertThat(replicas.get("b").millisToWait("app", List.of(oneASecond("channel/x")), time.millis()))
                .isEqualTo(362);
    }

    private static TurnTaken.Part partOfOneASecond() {
        return new TurnTaken.Part("channel/x", 1, 1_000, 1);
    }

    private static Need oneAtOnce(String scope) {
        return new Need(scope, new Limit(1, Duration.ZERO), 1, false);
    }
}
