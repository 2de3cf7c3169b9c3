package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.m365connector.assignment.TestPortal.SOON;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;

/** What is told of people comes on another topic than the end of their portal, and may be read behind it. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class PortalEndIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");

    private static KafkaSide kafka;

    @Inject
    AgroalDataSource database;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void whatIsStillToldOfAPortalThatIsGoneIsNotKept() throws Exception {
        // Given
        var portal = goneAfterAdaWasKnown();

        // When
        portal.tellUser(BEN);
        portal.tellGroup("Sales", 1);
        portal.staticAccountIs("team-bot", AccountState.GONE, 1);

        // Then
        awaitThatAllIsRead(portal);
        portal.awaitUnknown(BEN);
        for (var table : List.of("portal_user", "portal_group", "told_place", "gone_account")) {
            assertThat(rows(table, portal)).as(table).isZero();
        }
    }

    @Test
    void portalThatIsOnboardedAgainTellsOfItsPeopleAsIfItHadNeverBeenGone() throws Exception {
        var portal = goneAfterAdaWasKnown();

        portal.entitledTo(2, Optional.empty());
        portal.tellUser(BEN);
        portal.tellGroup("Sales", 1);

        portal.awaitKnown(BEN);
        awaitThatAllIsRead(portal);
        assertThat(rows("portal_group", portal)).isEqualTo(1);
        portal.awaitUnknown(ADA);
    }

    private static TestPortal goneAfterAdaWasKnown() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(ADA);
        portal.awaitKnown(ADA);
        kafka.sendTombstone(Topics.PORTALS, portal.id.value());
        portal.awaitUnknown(ADA);
        return portal;
    }

    private static void awaitThatAllIsRead(TestPortal portal) {
        await().atMost(SOON)
                .until(() -> kafka.isReadToTheEnd("assignment-service", portal.usersTopic())
                        && kafka.isReadToTheEnd("assignment-service-accounts", Topics.ACCOUNTS));
    }

    private long rows(String table, TestPortal portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var result = statement.executeQuery(
                        "select count(*) from %s where portal_id = '%s'".formatted(table, portal.id))) {
            result.next();
            return result.getLong(1);
        }
    }
}
