package org.m365connector.auth.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.events.Topics;

/** What becomes of somebody of whom the portal says that he is gone. */
@QuarkusTest
class UsersIT extends AuthIT {

    @Inject
    DataSource database;

    @BeforeEach
    void everybodyIsSignedIn() throws SQLException {
        onboard();
        register();
        tell(ben, Seed.BEN);
        tell(ada, Seed.ADA);
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        signIn(loginUrl(ada, Seed.ADA), Seed.ADA);
        token("user:" + ben).statusCode(200);
        assertThat(tokensOf("user:" + ben)).isEqualTo(1);
    }

    @Test
    void whoIsRemovedIsOutAndNothingOfHimIsKept() {
        publish(
                Topics.users(portal),
                ben.value(),
                Event.of(
                        UUID.randomUUID().toString(),
                        URI.create("/intrexx/" + portal),
                        PortalUserRemoved.TYPE,
                        clock().instant(),
                        new PortalUserRemoved(ben)));

        assertBenIsGone();
    }

    @Test
    void aTombstoneSaysTheSame() {
        publishTombstone(Topics.users(portal), ben.value());

        assertBenIsGone();
    }

    private void assertBenIsGone() {
        String account = "user:" + ben;
        await().atMost(PATIENCE).until(() -> tokensOf(account), count -> count == 0);
        token(account).statusCode(409).header("X-M365-Problem", "login-required");
        await().atMost(PATIENCE).until(() -> isGone(Topics.ACCOUNTS, portal + "/" + REGISTRATION + "/" + account));
        asPortal()
                .body("{\"portaluser\":\"" + ben + "\"}")
                .post(registrationPath("/logins"))
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "upn-unknown");
        // Everybody else stays.
        token("user:" + ada).statusCode(200);
    }

    private long tokensOf(String account) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement("""
                        select count(*) from account_token t join account a on a.id = t.account_id
                        where a.portal_id = ? and a.account = ?""")) {
            statement.setString(1, portal.value());
            statement.setString(2, account);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
