package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.Ports;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnTaken;

/** Governors of several replicas on one Kafka: how they come, go, are killed, and lose each other. */
class ReplicasIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Limit ONE_AT_ONCE = new Limit(1, Duration.ZERO);
    private static final Limit FOUR_AT_ONCE = new Limit(4, Duration.ZERO);
    private static final Limit TEN_IN_TEN_MINUTES = new Limit(10, Duration.ofMinutes(10));

    private static KafkaProcess kafka;
    private static Vertx vertx;

    private final String topic = "throttling-" + UUID.randomUUID();
    private final List<Throttle> replicas = new ArrayList<>();

    @BeforeAll
    static void startKafka() {
        kafka = KafkaProcess.start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
        vertx.close();
    }

    @BeforeEach
    void createTopic() {
        kafka.createTopic(topic, 1, Map.of("message.timestamp.type", "LogAppendTime"));
    }

    @AfterEach
    void stopReplicas() {
        kafka.restart();
        replicas.forEach(Throttle::close);
    }

    private Throttle start() {
        Throttle replica = start(kafka.bootstrapServers(), topic, vertx);
        replicas.add(replica);
        return replica;
    }

    private static Throttle start(String bootstrap, String topic, Vertx vertx) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap);
        return Throttle.start(new Config(), config, topic, Clock.systemUTC(), Time.of(vertx));
    }

    private void startTwo() {
        start();
        start();
        replicas.forEach(replica -> await().atMost(PATIENCE).until(() -> replica.replicas() == 2 && replica.heard()));
    }

    private static Demand of(String home, Limit limit) {
        String scope = home + (limit.atOnce() ? "/row#at-once" : "/row");
        return new Demand(
                "app", List.of(home), List.of(new Need(scope, limit, 1, false), new Need(home, Limit.NONE, 1, true)));
    }

    /** Let go or refused; in time. */
    private static Future<Optional<Permit>> answered(Throttle replica, Demand demand) {
        Future<Optional<Permit>> call = replica.ask(demand, Lane.SYNC);
        await().atMost(PATIENCE).until(call::isComplete);
        return call;
    }

    private static Permit permit(Throttle replica, Demand demand) {
        Permit permit = answered(replica, demand).result().orElseThrow();
        assertThat(permit.begin()).isEqualTo(Permit.Going.NOW);
        return permit;
    }

    /** Written by somebody whose clock is ten minutes off. */
    private void tell(String key, String type, Object news, Duration hisClockIsAhead) {
        Instant hisNow = Instant.now().plus(hisClockIsAhead);
        Event<Object> event = Event.of(UUID.randomUUID().toString(), URI.create("/m365/test"), type, hisNow, news);
        ProducerRecord<String, byte[]> record = EventCodec.write(topic, key, event);
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, hisNow.toEpochMilli(), key, record.value(), record.headers()))
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aReplicaWhoseClockIsTenMinutesOffHoldsUpNobodyForLonger() {
        startTwo();
        Duration off = Duration.ofMinutes(10);
        TurnTaken.Part part = new TurnTaken.Part("channel/c/row", 1, 1_000, 1);
        tell("app", TurnTaken.TYPE, new TurnTaken("app", "off", 1, List.of(part)), off);
        tell("app/mailbox/m", ScopeThrottled.TYPE, new ScopeThrottled("app", "mailbox/m", "off", 3_000), off);
        tell("app/mailbox/n", ScopeThrottled.TYPE, new ScopeThrottled("app", "mailbox/n", "off", 3_000), off.negated());

        // Its turn stands behind what was told, so it has heard that.
        Demand channel = of("channel/c", new Limit(1, Duration.ofSeconds(1)));
        assertThat(answered(replicas.get(0), channel).succeeded()).isTrue();
        for (String mailbox : List.of("mailbox/m", "mailbox/n")) {
            assertThat(answered(replicas.get(0), of(mailbox, FOUR_AT_ONCE)).succeeded())
                    .as(mailbox)
                    .isTrue();
        }
    }

    @Test
    void whoStartsKnowsWhatIsClosedAndUsedUpAndInheritsNothingOfTheDead() {
        tell(
                "dead",
                ReplicaAlive.TYPE,
                new ReplicaAlive("dead", false, Optional.empty(), Optional.empty(), Optional.empty()),
                Duration.ofMinutes(10));
        tell(
                "gone",
                ReplicaAlive.TYPE,
                new ReplicaAlive("gone", false, Optional.empty(), Optional.empty(), Optional.empty()),
                Duration.ZERO);
        tell(
                "gone",
                ReplicaAlive.TYPE,
                new ReplicaAlive("gone", true, Optional.empty(), Optional.empty(), Optional.empty()),
                Duration.ZERO);
        TurnTaken.Part part = new TurnTaken.Part("mailbox/m/row#at-once", 1, 0, 1);
        tell("app", TurnTaken.TYPE, new TurnTaken("app", "never there", 1, List.of(part)), Duration.ZERO);
        tell(
                "app/mailbox/x",
                ScopeThrottled.TYPE,
                new ScopeThrottled("app", "mailbox/x", "gone", 600_000),
                Duration.ZERO);
        ScopeUsed used = new ScopeUsed("app", "gone", "mailbox/m/row", 10, 600_000, 9);
        tell("app/mailbox/m", ScopeUsed.TYPE, used, Duration.ZERO);

        startTwo();

        Throttle replica = replicas.get(1);
        assertThat(replica.replicas()).isEqualTo(2);
        assertThat(answered(replica, of("mailbox/m", ONE_AT_ONCE)).succeeded()).isTrue();
        assertThat(answered(replica, of("mailbox/x", FOUR_AT_ONCE)).failed()).isTrue();
        assertThat(answered(replica, of("mailbox/m", TEN_IN_TEN_MINUTES)).succeeded())
                .isTrue();
        assertThat(answered(replica, of("mailbox/m", TEN_IN_TEN_MINUTES)).failed())
                .isTrue();
    }

    @Test
    void whatAReplicaHasUsedIsNotUsedAgainWhenItHasLeft() {
        startTwo();
        for (int i = 0; i < 5; i++) {
            permit(replicas.get(0), of("mailbox/m", TEN_IN_TEN_MINUTES)).release();
        }
        assertThat(answered(replicas.get(0), of("mailbox/m", TEN_IN_TEN_MINUTES))
                        .failed())
                .as("more than its share")
                .isTrue();

        replicas.remove(0).close();
        Throttle other = replicas.get(0);
        await().atMost(PATIENCE).until(() -> other.replicas() == 1);

        for (int i = 0; i < 5; i++) {
            permit(other, of("mailbox/m", TEN_IN_TEN_MINUTES)).release();
        }
        assertThat(answered(other, of("mailbox/m", TEN_IN_TEN_MINUTES)).failed())
                .isTrue();
    }

    @Test
    void whoComesWaitsForWhatIsStillInUse() {
        Throttle first = start();
        await().atMost(PATIENCE).until(first::heard);
        List<Permit> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            running.add(permit(first, of("mailbox/m", FOUR_AT_ONCE)));
        }
        Throttle second = start();
        await().atMost(PATIENCE).until(() -> second.heard() && first.replicas() == 2);

        List<Future<Optional<Permit>>> waiting = List.of(
                second.ask(of("mailbox/m", FOUR_AT_ONCE), Lane.SYNC),
                second.ask(of("mailbox/m", FOUR_AT_ONCE), Lane.SYNC));
        assertThat(waiting).noneMatch(Future::isComplete);

        running.remove(0).release();
        await().atMost(PATIENCE).until(() -> waiting.get(0).succeeded());
        assertThat(waiting.get(1).isComplete()).isFalse();
        running.remove(0).release();
        await().atMost(PATIENCE).until(() -> waiting.get(1).succeeded());
        assertThat(first.ask(of("mailbox/m", FOUR_AT_ONCE), Lane.SYNC).isComplete())
                .as("two are its share")
                .isFalse();
    }

    @Test
    void aBatchThatIsMoreThanAShareGoesAloneWhereverTheOthersAre() {
        startTwo();
        Permit other = permit(replicas.get(1), of("mailbox/m", FOUR_AT_ONCE));
        Demand five = Demand.together(
                "app",
                IntStream.range(0, 5)
                        .mapToObj(i -> of("mailbox/m", FOUR_AT_ONCE))
                        .toList());

        List<Future<Optional<Permit>>> batches = new ArrayList<>();
        replicas.forEach(replica -> batches.add(replica.ask(five, Lane.SYNC)));
        // It stands in line, and waits for the other one's call; the other batch waits for that where it is.
        await().atMost(PATIENCE).until(() -> replicas.get(0).open() == 3);
        assertThat(batches).noneMatch(Future::isComplete);

        other.release();

        await().atMost(PATIENCE).until(() -> batches.stream().anyMatch(Future::isComplete));
        Future<Optional<Permit>> goesFirst =
                batches.stream().filter(Future::isComplete).findFirst().orElseThrow();
        batches.remove(goesFirst);
        Future<Optional<Permit>> single = replicas.get(1).ask(of("mailbox/m", FOUR_AT_ONCE), Lane.SYNC);
        assertThat(batches.get(0).isComplete()).isFalse();

        goesFirst.result().orElseThrow().release();
        await().atMost(PATIENCE).until(batches.get(0)::isComplete);
        batches.get(0).result().orElseThrow().release();
        await().atMost(PATIENCE).until(single::succeeded);
    }

    @Test
    void withoutKafkaCallsGoOnWithHalfTheShareAndNothingIsLeft() throws Exception {
        startTwo();
        Permit held = permit(replicas.get(0), of("mailbox/m", ONE_AT_ONCE));
        kafka.kill();
        replicas.forEach(replica -> await().atMost(PATIENCE).until(() -> !replica.heard()));
        held.release();

        List<Permit> half = new ArrayList<>();
        List<Future<Optional<Permit>>> unknown = new ArrayList<>();
        for (Throttle replica : replicas) {
            half.add(permit(replica, of("mailbox/n", FOUR_AT_ONCE)));
            assertThat(replica.ask(of("mailbox/n", FOUR_AT_ONCE), Lane.SYNC).isComplete())
                    .isFalse();
            unknown.add(replica.ask(of("mailbox/alone", ONE_AT_ONCE), Lane.INTERACTIVE));
            assertThat(replica.ready()).isTrue();
        }
        half.forEach(Permit::release);
        await().atMost(PATIENCE).until(() -> unknown.stream().allMatch(Future::isComplete));
        assertThat(unknown).as("neither can know whether the other one has it").allMatch(Future::failed);

        kafka.restart();
        for (Throttle replica : replicas) {
            await().atMost(PATIENCE).until(() -> replica.heard() && replica.replicas() == 2);
        }
        assertThat(answered(replicas.get(1), of("mailbox/m", ONE_AT_ONCE)).succeeded())
                .as("its end has been told since")
                .isTrue();
    }

    @Test
    void aReplicaThatIsKilledWhileItHoldsATurnHoldsNobodyUpForLong() throws Exception {
        Throttle replica = start();
        await().atMost(PATIENCE).until(replica::heard);
        Process other = process(Holder.class);
        try {
            awaitLine(other, Holder.HOLDS);
            Future<Optional<Permit>> waits = replica.ask(of("mailbox/m", ONE_AT_ONCE), Lane.SYNC);
            await().atMost(PATIENCE).until(() -> replica.open() > 1);
            assertThat(waits.isComplete()).isFalse();

            other.destroyForcibly();

            await().atMost(PATIENCE).until(waits::isComplete);
            assertThat(waits.succeeded()).as("within the time that it may wait").isTrue();
            assertThat(replica.replicas()).isEqualTo(1);
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void aReplicaThatIsKilledAgainAndAgainAsTheOnlyOneHasItsLimitsEachTimeItIsStarted() throws Exception {
        int port = Ports.free();
        // Each is there before the one before it dies, so that little time lies between them, however slow the machine
        // is.
        Process next = process(Lone.class, Integer.toString(port));
        awaitLine(next, Lone.WAITS);
        try {
            for (int life = 0; life < 3; life++) {
                Process lone = next;
                lone.getOutputStream().write(Lone.GO);
                lone.getOutputStream().flush();
                awaitLine(lone, Lone.SERVES);
                next = process(Lone.class, Integer.toString(port));
                awaitLine(next, Lone.WAITS);
                lone.destroyForcibly().waitFor();
            }
        } finally {
            next.destroyForcibly().waitFor();
        }

        Throttle replica = start();
        replica.listensAt(new HttpServerOptions().setPort(port));

        Limit hundred = new Limit(100, Duration.ofMinutes(10));
        await().atMost(PATIENCE).until(replica::heard);
        int calls = 0;
        while (answered(replica, of("mailbox/m", hundred)).succeeded()) {
            calls++;
        }
        assertThat(calls + 3 * Lone.CALLS)
                .as("all there is, less a sixteenth for each life that was killed")
                .isBetween(100 - 3 * Lone.TOLD, 100);
    }

    /** The only replica, in a process of its own, which makes some calls and goes on listening. */
    static final class Lone {

        private static final String WAITS = "waits";
        private static final int GO = 'g';
        private static final String SERVES = "serves";
        private static final int CALLS = 11;

        /** What it has used is told by sixteenths of its share: the last five of its calls it told nobody. */
        private static final int TOLD = 6;

        private Lone() {}

        public static void main(String... arguments) throws IOException {
            Vertx own = Vertx.vertx();
            System.out.println(WAITS);
            if (System.in.read() != GO) {
                System.exit(1);
            }
            HttpServerOptions options = new HttpServerOptions().setPort(Integer.parseInt(arguments[2]));
            await().atMost(PATIENCE)
                    .until(own.createHttpServer(options)
                            .requestHandler(request -> request.response().end())
                            .listen()::succeeded);
            Throttle replica = start(arguments[0], arguments[1], own);
            replica.listensAt(options);
            await().atMost(PATIENCE).until(() -> replica.heard() && replica.replicas() == 1);
            Limit hundred = new Limit(100, Duration.ofMinutes(10));
            for (int i = 0; i < CALLS; i++) {
                permit(replica, of("mailbox/m", hundred)).release();
            }
            // Whoever reads back finds it on the topic before the next word of ours.
            await().pollDelay(Duration.ofSeconds(2)).until(replica::heard);
            System.out.println(SERVES);
            int end = System.in.read();
            System.exit(end);
        }
    }

    private Process process(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                kafka.bootstrapServers(),
                topic));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(
                        Path.of("target/" + main.getSimpleName() + ".log").toFile())
                .start();
    }

    /** Of what it writes the first that is this. */
    private static void awaitLine(Process process, String wanted) throws IOException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        while (line != null && !line.equals(wanted)) {
            line = output.readLine();
        }
        assertThat(line).isEqualTo(wanted);
    }

    /** A replica in a process of its own, which takes the only place and keeps it. */
    static final class Holder {

        private static final String HOLDS = "holds";

        private Holder() {}

        public static void main(String... arguments) throws IOException {
            Throttle replica = start(arguments[0], arguments[1], Vertx.vertx());
            await().atMost(PATIENCE).until(() -> replica.heard() && replica.replicas() == 2);
            permit(replica, of("mailbox/m", ONE_AT_ONCE));
            System.out.println(HOLDS);
            int end = System.in.read();
            System.exit(end);
        }
    }

    private static final class Config implements ThrottleConfig {
        @Override
        public boolean enabled() {
            return true;
        }

        @Override
        public Duration interactiveWait() {
            return Duration.ofSeconds(5);
        }

        @Override
        public Duration syncWait() {
            return Duration.ofSeconds(20);
        }

        @Override
        public int queue() {
            return 256;
        }

        @Override
        public int waiting() {
            return 4_096;
        }

        @Override
        public Duration replicaSilence() {
            return Duration.ofSeconds(5);
        }

        @Override
        public Map<String, String> limits() {
            return Map.of();
        }
    }
}
