package org.m365connector.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.Event;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.LoginRequired;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;

@QuarkusTest
class KeepAliveIT extends AuthIT {

    private static final String BOT = "portal-bot";
    private static final String STATIC = "static:" + BOT;

    @Inject
    KeepAlive keepAlive;

    @Inject
    TokenIssue issue;

    @Inject
    DataSource database;

    @BeforeEach
    void signedIn() {
        onboard();
        register();
        asAdmin()
                .body(Map.of("name", BOT, "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        assertThat(signIn(staticLink(BOT), Seed.PORTAL).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void whatNobodyUsedForADayIsRenewedOnce() throws SQLException {
        age(Duration.ofHours(25));
        long mark = entra.mark();

        keepAlive.renewDue();
        keepAlive.renewDue();

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        token(STATIC).statusCode(200);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void whatWasUsedTodayIsLeftAlone() throws SQLException {
        age(Duration.ofHours(17));
        long mark = entra.mark();

        keepAlive.renewDue();

        assertThat(entra.tokenCallsSince(mark)).isZero();
    }

    @Test
    void severalWhoLookAtOnceAskOnce() throws SQLException {
        age(Duration.ofHours(25));
        long mark = entra.mark();

        CompletableFuture.allOf(
                        CompletableFuture.runAsync(keepAlive::renewDue),
                        CompletableFuture.runAsync(keepAlive::renewDue),
                        CompletableFuture.runAsync(keepAlive::renewDue))
                .join();

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void eachIsDueBetweenThreeQuartersOfTheIntervalAndAllOfIt() {
        TokenStore store = new TokenStore(database, null, clock());
        Duration interval = Duration.ofHours(24);
        AccountKey key = key();
        Instant signedIn = clock().instant();

        assertThat(store.staticAccountsToRenew(signedIn.plus(Duration.ofHours(17)), interval, 1000))
                .doesNotContain(key);
        assertThat(store.staticAccountsToRenew(signedIn.plus(Duration.ofHours(25)), interval, 1000))
                .contains(key);
    }

    @Test
    void anEntraThatIsAwayChangesNothingAndIsAskedAgainLater() throws SQLException {
        age(Duration.ofHours(25));
        entra.tokenFault(Map.of("status", 503, "retryAfter", 0));
        keepAlive.renewDue();
        assertThat(accountState()).isEqualTo("ready");

        entra.noFaults();
        issue.forget(key());
        long mark = entra.mark();
        keepAlive.renewDue();

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    /** What the portal was told about logins of the account, in order; what needs a human is told besides. */
    private List<Event<JsonNode>> logins() {
        return events(Topics.logins(portal), STATIC).stream()
                .filter(event -> event.type().startsWith("login-"))
                .toList();
    }

    @Test
    void whatDiesIsNoticedAndThePortalIsSentALinkThatRepairsIt() throws SQLException {
        entra.account(Seed.PORTAL, Map.of("revoke", true));
        age(Duration.ofHours(25));

        keepAlive.renewDue();

        asAdmin()
                .get(registrationPath("/accounts/" + BOT))
                .then()
                .body("state", equalTo("needs-login"))
                .body("reason", equalTo("login-required"));
        await().atMost(Duration.ofSeconds(50))
                .until(
                        () -> logins().stream().map(Event::type).toList(),
                        List.of(LoginCompleted.TYPE, LoginRequired.TYPE)::equals);
        Event<JsonNode> event = logins().get(1);
        assertThat(event.data().path("reason").asText()).isEqualTo("login-required");
        String link = event.data().path("loginUrl").asText();

        assertThat(signIn(link, Seed.PORTAL).body()).contains("data-m365-result=\"done\"");
        assertThat(accountState()).isEqualTo("ready");
        token(STATIC).statusCode(200);
    }

    private String accountState() {
        return asAdmin()
                .get(registrationPath("/accounts/" + BOT))
                .then()
                .statusCode(200)
                .extract()
                .path("state");
    }

    private AccountKey key() {
        return new AccountKey(portal, new RegistrationName(REGISTRATION), AccountId.ofStatic(new AccountName(BOT)));
    }

    /** As if the tokens had been obtained so long ago. */
    private void age(Duration age) throws SQLException {
        Instant obtained = clock().instant().minus(age);
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        update account_token set obtained_at = ?, access_expires_at = ? where account_id =
                            (select id from account where portal_id = ? and account = ?)""")) {
            statement.setTimestamp(1, Timestamp.from(obtained));
            statement.setTimestamp(2, Timestamp.from(obtained.plus(Duration.ofHours(1))));
            statement.setString(3, portal.value());
            statement.setString(4, STATIC);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
        issue.forget(key());
    }
}
