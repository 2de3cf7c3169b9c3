package org.m365connector.auth.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;

/** What portals tell of their users is read late, once more, or while somebody else is busy with the same user. */
@QuarkusTest
class LateUsersIT extends AuthIT {

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrap;

    @Inject
    DataSource database;

    @Inject
    UsersListener listener;

    private final ExecutorService callers = Executors.newCachedThreadPool();

    @AfterEach
    void stopCalling() {
        callers.shutdownNow();
    }

    @Test
    void whatIsReadBehindTheRemovalOfAPortalIsNotKept() throws Exception {
        // Given
        onboard();
        publishUser(ada, Seed.ADA);
        awaitKept(ada);
        asAdmin().delete(path("?now=true")).then().statusCode(204);

        // When
        publishUser(ada, Seed.ADA);
        publishUser(ben, Seed.BEN);
        publishTombstone(Topics.users(portal), ada.value());

        // Then
        awaitThatAllIsRead();
        assertThat(rowsOfPortal("portal_user")).isZero();
        assertThat(rowsOfPortal("told_place")).isZero();
    }

    @Test
    void aPortalThatIsOnboardedAgainTellsOfItsUsersAsIfItHadNeverBeenRemoved() throws Exception {
        onboard();
        publishUser(ada, Seed.ADA);
        awaitKept(ada);
        asAdmin().delete(path("?now=true")).then().statusCode(204);
        onboard();

        publishUser(ben, Seed.BEN);

        awaitKept(ben);
        assertThat(isKept(ada)).isFalse();
    }

    @Test
    void whatIsToldBeforeTheFirstOnboardingIsKept() throws Exception {
        makeUsersTopic();
        publishUser(ben, Seed.BEN);
        awaitKept(ben);

        onboard();
        register();

        asPortal().body(login(ben)).post(registrationPath("/logins")).then().statusCode(201);
    }

    @Test
    void whatIsBeingKeptWhileAPortalIsRemovedGoesWithIt() throws Exception {
        onboard();
        publishUser(ada, Seed.ADA);
        awaitKept(ada);

        try (Held held = held()) {
            held.execute(userRow(ben));
            publishUser(ben, Seed.BEN);
            await().atMost(PATIENCE).until(held::isWaitedFor);
            Future<Response> removal = inBackground(() -> asAdmin().delete(path("?now=true")));
            await().atMost(PATIENCE).until(() -> removal.isDone() || held.isWaitedForInTwoSteps());
            held.release();

            assertThat(removal.get().statusCode()).isEqualTo(204);
        }

        awaitThatAllIsRead();
        assertThat(rowsOfPortal("portal_user")).isZero();
    }

    @Test
    void whatIsBeingKeptWhileAPortalComesAndGoesGoesWithIt() throws Exception {
        makeUsersTopic();

        try (Held held = held()) {
            held.execute(userRow(ben));
            publishUser(ben, Seed.BEN);
            await().atMost(PATIENCE).until(held::isWaitedFor);
            onboard();
            Future<Response> removal = inBackground(() -> asAdmin().delete(path("?now=true")));
            await().atMost(PATIENCE).until(() -> removal.isDone() || held.isWaitedForInTwoSteps());
            held.release();

            assertThat(removal.get().statusCode()).isEqualTo(204);
        }

        awaitThatAllIsRead();
        assertThat(rowsOfPortal("portal_user")).isZero();
    }

    @Test
    void aTopicThatIsReadOnceMoreUndoesNothing() throws Exception {
        // Given: Ben was removed once and came back, Ada came and is removed
        onboard();
        register();
        publishUser(ben, Seed.BEN);
        publishTombstone(Topics.users(portal), ben.value());
        publishUser(ben, Seed.BEN);
        publishUser(ada, Seed.ADA);
        publishTombstone(Topics.users(portal), ada.value());
        awaitThatAllIsRead();
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        token("user:" + ben).statusCode(200);

        // When
        forgetTheInbox();
        List<ConsumerRecord<String, byte[]>> topic = records(Topics.users(portal));
        assertThat(topic).hasSize(5);
        for (ConsumerRecord<String, byte[]> record : topic) {
            listener.on(record);

            // Then
            assertThat(isKept(ada)).isFalse();
            assertThat(isKept(ben)).isTrue();
            assertThat(rows("account_token t join account a on a.id = t.account_id", "account", "user:" + ben))
                    .isEqualTo(1);
        }
        token("user:" + ben).statusCode(200);
    }

    @Test
    void aTopicThatWasMadeAgainIsHeardThoughItsPlacesAreSmaller() throws Exception {
        onboard();
        publishUser(ben, Seed.ADA);
        publishUser(ben, Seed.BEN);
        awaitThatAllIsRead();
        forgetTheInbox();
        Instant later =
                Instant.ofEpochMilli(records(Topics.users(portal)).get(1).timestamp() + 1);

        listener.on(recordOf(ben, "ben.again@contoso.example", 0, later));

        assertThat(rows("portal_user", "fields", "{\"emailBiz\":\"ben.again@contoso.example\"}"))
                .isEqualTo(1);
    }

    @Test
    void whoIsRemovedWhileHisFirstLoginBeginsHasNoAccount() throws Exception {
        onboard();
        register();

        try (Held held = held()) {
            // The account is made by then, and not yet seen by others
            held.execute("lock table ticket in share mode");
            Future<Response> login = inBackground(() -> asPortal()
                    .body(Map.of("portaluser", ben.value(), "upn", Seed.BEN))
                    .post(registrationPath("/logins")));
            await().atMost(PATIENCE).until(held::isWaitedFor);
            publishTombstone(Topics.users(portal), ben.value());
            await().atMost(PATIENCE).until(() -> isAllRead() || held.isWaitedForInTwoSteps());
            held.release();

            assertThat(login.get().statusCode()).isEqualTo(201);
        }

        awaitThatAllIsRead();
        assertThat(rows("account", "account", "user:" + ben)).isZero();
    }

    @Test
    void whoseLoginWaitsForHisRemovalIsNotKnownAnyMore() throws Exception {
        onboard();
        register();
        tell(ben, Seed.BEN);

        try (Held held = held()) {
            // The removal is not yet seen by others
            held.execute("lock table account_token in share mode");
            publishTombstone(Topics.users(portal), ben.value());
            await().atMost(PATIENCE).until(held::isWaitedFor);
            Future<Response> login =
                    inBackground(() -> asPortal().body(login(ben)).post(registrationPath("/logins")));
            await().atMost(PATIENCE).until(() -> login.isDone() || held.isWaitedForInTwoSteps());
            held.release();

            assertThat(login.get().statusCode()).isEqualTo(422);
            assertThat(login.get().header("X-M365-Problem")).isEqualTo("upn-unknown");
        }

        assertThat(rows("account", "account", "user:" + ben)).isZero();
    }

    // Calls

    private Future<Response> inBackground(Callable<Response> call) {
        return callers.submit(call);
    }

    private static Map<String, String> login(PortalUser user) {
        return Map.of("portaluser", user.value());
    }

    // Kafka

    private void makeUsersTopic() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(Topics.users(portal), 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    private void awaitThatAllIsRead() {
        await().atMost(PATIENCE).until(this::isAllRead);
    }

    private boolean isAllRead() throws ExecutionException, InterruptedException {
        String topic = Topics.users(portal);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            var read = admin.listConsumerGroupOffsets("auth-service")
                    .partitionsToOffsetAndMetadata()
                    .get();
            var partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                    .collect(Collectors.toMap(
                            info -> new TopicPartition(topic, info.partition()), info -> OffsetSpec.latest()));
            return admin.listOffsets(partitions).all().get().entrySet().stream()
                    .allMatch(end -> end.getValue().offset() == 0
                            || (read.get(end.getKey()) != null
                                    && read.get(end.getKey()).offset()
                                            >= end.getValue().offset()));
        }
    }

    private ConsumerRecord<String, byte[]> recordOf(PortalUser user, String upn, long place, Instant toldAt) {
        ProducerRecord<String, byte[]> told =
                EventCodec.write(Topics.users(portal), user.value(), userChanged(user, upn));
        return new ConsumerRecord<>(
                told.topic(),
                0,
                place,
                toldAt.toEpochMilli(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                told.key(),
                told.value(),
                told.headers(),
                Optional.empty());
    }

    // Database

    private void awaitKept(PortalUser user) {
        await().atMost(PATIENCE).until(() -> isKept(user));
    }

    private boolean isKept(PortalUser user) throws SQLException {
        return rows("portal_user", "portal_user", user.value()) > 0;
    }

    private String userRow(PortalUser user) {
        return "insert into portal_user (portal_id, portal_user, fields) values ('%s', '%s', '{}')"
                .formatted(portal, user);
    }

    /** As eight days later. */
    private void forgetTheInbox() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("delete from inbox where portal = '%s'".formatted(portal));
        }
    }

    private long rowsOfPortal(String table) throws SQLException {
        return rows(table, "portal_id", portal.value());
    }

    private long rows(String table, String column, String value) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(
                        "select count(*) from %s where portal_id = ? and %s = ?".formatted(table, column))) {
            statement.setString(1, portal.value());
            statement.setString(2, value);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private Held held() throws SQLException {
        Connection connection = database.getConnection();
        connection.setAutoCommit(false);
        return new Held(connection);
    }

    /** Somebody else's transaction, which others wait for until it is released. */
    private record Held(Connection connection) implements AutoCloseable {

        void execute(String sql) throws SQLException {
            try (var statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        boolean isWaitedFor() throws SQLException {
            return is(
                    "exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))");
        }

        /** Whether somebody waits for one who waits for this. */
        boolean isWaitedForInTwoSteps() throws SQLException {
            return is("""
                    exists (select from pg_locks first join pg_locks second on first.pid = any(pg_blocking_pids(second.pid))
                            where not first.granted and not second.granted
                            and pg_backend_pid() = any(pg_blocking_pids(first.pid)))""");
        }

        void release() throws SQLException {
            connection.rollback();
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.setAutoCommit(true);
            connection.close();
        }

        private boolean is(String condition) throws SQLException {
            try (var statement = connection.createStatement();
                    var row = statement.executeQuery("select " + condition)) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
