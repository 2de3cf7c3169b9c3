package org.m365connector.outbox;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;

/** Relays as processes that are paused and killed at the worst moments. */
class RelayCrashIT {

    private final Stage stage = new Stage();
    private final List<RelayProcess> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(RelayProcess::close);
        stage.close();
    }

    @Test
    void leaderThatWasPausedInTheMiddleOfABatchIsReplacedAndFencedWhenItComesBack() throws Exception {
        String topic = stage.topic("things");
        RelayProcess first = start();
        await().until(() -> leads(first));
        RelayProcess second = start();
        count(topic, "a", 1, 2);
        awaitNothingWaits();

        // Given the broker is silent, and the leader has selected a row and sends it: it does not renew its lease
        Signals.send("STOP", Stage.KAFKA.pid());
        try {
            count(topic, "a", 3, 3);
            await().until(() -> leaseIsNotRenewed() || leads(second));
            // When it is paused, the other one takes over, and the broker answers again
            first.pause();
            await().until(() -> leads(second));
        } finally {
            Signals.send("CONT", Stage.KAFKA.pid());
        }
        count(topic, "a", 4, 5);
        awaitNothingWaits();
        assertThat(versions(topic)).containsExactly(Map.entry("a", rising(5)));

        // And comes back
        first.resume();

        // Then Kafka refuses what it still wanted to send, and it follows
        await().untilAsserted(() ->
                assertThat(first.log()).containsAnyOf("ProducerFenced", "InvalidProducerEpoch", "lost the lease"));
        count(topic, "a", 6, 7);
        awaitNothingWaits();
        assertThat(first.isAlive()).isTrue();
        await().until(() -> leader() != null);
        assertThat(versions(topic)).containsExactly(Map.entry("a", rising(7)));
    }

    @Test
    void whatAKilledLeaderCommittedButDidNotDeleteIsNotSentAgain() throws Exception {
        String topic = stage.topic("things");
        count(topic, "a", 1, 3);

        // Given rows that nobody can delete for now, so that the leader stands between Kafka's commit and its delete
        RelayProcess first;
        try (Connection connection = stage.database.getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE outbox IN SHARE MODE");
            first = start();
            await().until(() -> Stage.read(topic).size() == 3);

            // When it is killed, and the database notices
            first.kill();
            String cut =
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pid %d'";
            statement.execute(cut.formatted(first.pid()));
            connection.rollback();
        }
        assertThat(stage.waiting()).isEqualTo(3);

        // Then the next leader knows from the receipt that Kafka has them
        RelayProcess second = start();
        count(topic, "a", 4, 4);
        awaitNothingWaits();
        assertThat(versions(topic)).containsExactly(Map.entry("a", rising(4)));
        assertThat(second.log()).contains("published by an earlier leader");
    }

    @Test
    void whateverIsPausedOrKilledUnderLoadEachEventArrivesOnceAndInOrder() throws Exception {
        String topic = stage.topic("things");
        stage.execute("CREATE TABLE thing (name text PRIMARY KEY, version bigint NOT NULL)");
        stage.execute("INSERT INTO thing VALUES ('a', 0), ('b', 0), ('c', 0), ('d', 0)");
        start();
        start();
        await().until(() -> leader() != null);

        // Given two writers that never stop
        var writers = Executors.newScheduledThreadPool(2);
        List<Future<?>> writing = List.of(
                writers.scheduleWithFixedDelay(() -> countOne(topic), 0, 5, MILLISECONDS),
                writers.scheduleWithFixedDelay(() -> countOne(topic), 0, 5, MILLISECONDS));

        // When leaders are paused, come back, and are killed, each after it has published something
        for (int round = 1; round <= 4; round++) {
            RelayProcess leader = awaitProgress();
            if (round % 2 == 0) {
                leader.kill();
                start();
                awaitAnotherThan(leader);
            } else {
                leader.pause();
                awaitAnotherThan(leader);
                awaitProgress();
                leader.resume();
            }
        }
        awaitProgress();
        assertThat(writing).as("a writer ends only if it fails").noneMatch(Future::isDone);
        writers.shutdown();
        await().until(writers::isTerminated);
        awaitNothingWaits();

        // Then each version of each thing is there once, after the one before it
        Map<String, List<Long>> expected = new HashMap<>();
        for (String thing : List.of("a", "b", "c", "d")) {
            long last = Long.parseLong(stage.ask("SELECT version FROM thing WHERE name = '" + thing + "'"));
            assertThat(last).isPositive();
            expected.put(thing, rising(last));
        }
        assertThat(versions(topic)).isEqualTo(expected);
    }

    private RelayProcess start() {
        RelayProcess process = RelayProcess.start(stage);
        processes.add(process);
        await().until(() ->
                stage.ask("SELECT 1 FROM pg_stat_activity WHERE application_name = 'pid %d'".formatted(process.pid()))
                        != null);
        return process;
    }

    private boolean leads(RelayProcess process) {
        return leader() == process;
    }

    /** Whose lease it is; null while it is nobody's. */
    private RelayProcess leader() {
        String owner = stage.ask("SELECT owner FROM outbox_relay WHERE expires_at > clock_timestamp()");
        return processes.stream()
                .filter(process -> owner != null && owner.startsWith("pid " + process.pid() + " "))
                .findFirst()
                .orElse(null);
    }

    /** An idle leader renews it every half second, for one and a half. */
    private boolean leaseIsNotRenewed() {
        return stage.ask("SELECT 1 FROM outbox_relay WHERE expires_at < clock_timestamp() + interval '300 ms'") != null;
    }

    private void awaitAnotherThan(RelayProcess old) {
        await().until(() -> leader() != null && leader() != old);
    }

    /** Awaits that what is written now is published, and returns who does it. */
    private RelayProcess awaitProgress() {
        String last = stage.ask("SELECT coalesce(max(id), 0) FROM outbox");
        await().until(() -> stage.ask("SELECT count(*) FROM outbox WHERE id <= " + last), "0"::equals);
        return await().until(this::leader, Objects::nonNull);
    }

    private void count(String topic, String thing, long from, long to) throws Exception {
        stage.inTransaction(() -> LongStream.rangeClosed(from, to)
                .forEach(version -> stage.outbox.add(topic, thing, Counted.event(thing, version))));
    }

    /** As a service writes: first the row that the event is about, which locks it, then the event. */
    private void countOne(String topic) {
        String thing = Character.toString('a' + ThreadLocalRandom.current().nextInt(4));
        String sql = "UPDATE thing SET version = version + 1 WHERE name = '" + thing + "' RETURNING version";
        try {
            stage.inTransaction(() -> {
                long version = Long.parseLong(stage.ask(sql));
                stage.outbox.add(topic, thing, Counted.event(thing, version));
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitNothingWaits() {
        await().until(() -> stage.waiting() == 0);
    }

    private static List<Long> rising(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    /** The versions of each thing as a reader of committed records sees them. */
    private static Map<String, List<Long>> versions(String topic) {
        var versions = new HashMap<String, List<Long>>();
        for (ConsumerRecord<String, byte[]> record : Stage.read(topic)) {
            var event = ((Reading.Understood) EventCodec.read(record)).event();
            long version = event.data().get("version").asLong();
            assertThat(event.id()).isEqualTo(record.key() + "/" + version);
            versions.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(version);
        }
        return versions;
    }
}
