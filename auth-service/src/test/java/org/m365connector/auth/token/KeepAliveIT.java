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
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.Event;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.LoginRequired;
import org.m365connector.events.PortalId;
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

    @Inject
    Vault vault;

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

        assertThat(store.staticAccountsToRenew(signedIn.plus(Duration.ofHours(17)), interval, 0, 1000))
                .noneMatch(due -> due.key().equals(key));
        assertThat(store.staticAccountsToRenew(signedIn.plus(Duration.ofHours(25)), interval, 0, 1000))
                .anyMatch(due -> due.key().equals(key));
    }

    @Test
    void manyThatCannotBeRenewedDoNotKeepTheOthersFromTheirTurn() throws SQLException {
        // Given more accounts of an app with a wrong secret than a round takes, due for longer than ours
        age(Duration.ofHours(25));
        PortalId healthy = portal;
        freshNames();
        onboard();
        Map<String, Object> registration = registration(List.of("mail-read"));
        registration.put("credentials", List.of(Map.of("secret", "not-the-secret")));
        asAdmin().body(registration).post(path("/registrations")).then().statusCode(201);
        for (int i = 0; i < 12; i++) {
            asAdmin()
                    .body(Map.of("name", "bot-" + i, "upn", Seed.PORTAL))
                    .post(registrationPath("/accounts"))
                    .then()
                    .statusCode(201);
        }
        signedInLongAgo("bot-%");
        PortalId broken = portal;
        portal = healthy;

        try {
            // When a few rounds have passed
            for (int round = 0; round < 4; round++) {
                keepAlive.renewDue();
            }

            // Then ours has had its turn, and is no longer due
            Instant now = clock().instant();
            var store = new TokenStore(database, null, clock());
            assertThat(store.staticAccountsToRenew(now, Duration.ofHours(24), 0, 1000))
                    .hasSizeGreaterThanOrEqualTo(12)
                    .noneMatch(due -> due.key().equals(key()));
        } finally {
            // They stay due for ever, and would have their turn in other tests too.
            asAdmin().delete("/api/portals/" + broken + "?now=true").then().statusCode(204);
        }
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
        await().atMost(Duration.ofMinutes(3))
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

    /** As if accounts of the present portal had been signed in two days ago. */
    private void signedInLongAgo(String names) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "select id, account from account where portal_id = ? and account like ?");
                PreparedStatement insert = connection.prepareStatement("""
                        insert into account_token (account_id, generation, revision, refresh_token, obtained_at,
                                                   access_expires_at, public_client)
                        select id, generation, 1, ?, now() - interval '48 hours', now() - interval '47 hours', false
                        from account where id = ?""");
                PreparedStatement update =
                        connection.prepareStatement("update account set state = 'READY' where id = ?")) {
            select.setString(1, portal.value());
            select.setString(2, "static:" + names);
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    Place place = new Place(
                            portal, new RegistrationName(REGISTRATION), row.getString("account"), "refresh-token");
                    insert.setBytes(1, vault.seal(place, "some-refresh-token"));
                    insert.setLong(2, row.getLong("id"));
                    insert.executeUpdate();
                    update.setLong(1, row.getLong("id"));
                    update.executeUpdate();
                }
            }
        }
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
