package org.m365connector.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.PortalId;

class LastPlacesIT {

    private static final PortalId PORTAL = new PortalId("demo");
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final Stage stage = new Stage();
    private final LastPlaces places = new LastPlaces(stage.database, stage.transactions, "key_hash");

    @BeforeEach
    void begin() {
        stage.execute("""
                CREATE TABLE told_place (portal_id text, key_hash bytea, place bigint NOT NULL, told_at timestamptz NOT NULL,
                  PRIMARY KEY (portal_id, key_hash))""");
    }

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void whatStandsInFrontOfTheLastOneOfItsKeyIsNoNews() throws Exception {
        assertThat(isNews(PORTAL, "ada", 5, NOON)).isTrue();

        assertThat(isNews(PORTAL, "ada", 4, NOON)).isFalse();
        assertThat(isNews(PORTAL, "ada", 5, NOON)).isFalse();
        assertThat(isNews(PORTAL, "ada", 6, NOON)).isTrue();
        assertThat(isNews(PORTAL, "ada", 5, NOON)).isFalse();
    }

    @Test
    void keysAndPortalsAreRememberedEachOnItsOwn() throws Exception {
        assertThat(isNews(PORTAL, "ada", 5, NOON)).isTrue();

        assertThat(isNews(PORTAL, "ben", 4, NOON)).isTrue();
        assertThat(isNews(new PortalId("other"), "ada", 4, NOON)).isTrue();
    }

    @Test
    void topicThatWasMadeAgainBeginsAnew() throws Exception {
        assertThat(isNews(PORTAL, "ada", 5, NOON)).isTrue();

        assertThat(isNews(PORTAL, "ada", 0, NOON.plusMillis(1))).isTrue();
    }

    @Test
    void placeIsForgottenWithATransactionThatFails() {
        assertThatThrownBy(() -> stage.inTransaction(() -> {
                    places.isNews(PORTAL, "ada", record("ada", 5, NOON));
                    throw new IllegalStateException("something is away");
                }))
                .hasMessage("something is away");

        assertThat(stage.ask("SELECT count(*) FROM told_place")).isEqualTo("0");
    }

    @Test
    void outsideOfATransactionNothingIsWritten() {
        assertThatThrownBy(() -> places.isNews(PORTAL, "ada", record("ada", 5, NOON)))
                .isInstanceOf(IllegalStateException.class);
    }

    private boolean isNews(PortalId portal, String key, long offset, Instant toldAt) throws Exception {
        return stage.inTransaction(() -> places.isNews(portal, key, record(key, offset, toldAt)));
    }

    private static ConsumerRecord<String, byte[]> record(String key, long offset, Instant toldAt) {
        return new ConsumerRecord<>(
                "portal.demo.users",
                0,
                offset,
                toldAt.toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                0,
                key,
                null,
                new RecordHeaders(),
                Optional.empty());
    }
}
