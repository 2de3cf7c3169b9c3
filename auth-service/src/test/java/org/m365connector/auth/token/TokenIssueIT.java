package org.m365connector.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.inject.Vetoed;
import jakarta.inject.Inject;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.AccountService;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.vault.KeyHistory;
import org.m365connector.auth.vault.Keygen;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.UncheckedSqlException;
import org.m365connector.auth.vault.Vault;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** The promises of {@link TokenIssue}, on two replicas that share one database. */
@QuarkusTest
class TokenIssueIT extends AuthIT {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Inject
    DataSource database;

    @Inject
    TokenStore store;

    @Inject
    Vault vault;

    @Inject
    EntraClient entraClient;

    @Inject
    RegisteredApps apps;

    @Inject
    AccountService accounts;

    @Inject
    Clock clock;

    @ConfigProperty(name = "m365.vault.keyset")
    String keyset;

    private AccountKey key;

    @BeforeEach
    void signedIn() {
        onboard();
        register();
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        key = new AccountKey(portal, new RegistrationName(REGISTRATION), AccountId.ofUser(ben));
        // An old token is served only where the view knows of the account; the news of it is still on its way.
        TokenAnswer.Issued ancient = new TokenAnswer.Issued("any", Instant.EPOCH, Instant.EPOCH, Long.MAX_VALUE);
        await().atMost(PATIENCE).until(() -> !rim.outdated(key, ancient));
    }

    @Test
    void aThousandCallersOnTwoReplicasCauseOneCallForAnExpiredToken() throws Exception {
        expireAccessToken();
        long mark = entra.mark();

        Set<String> tokens = storm(1_000, List.of(replica("one"), replica("two")), key);

        assertThat(tokens).hasSize(1);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void aThousandCallersOnTwoReplicasCauseOneCallForAColdServiceAccount() throws Exception {
        AccountKey service = new AccountKey(portal, key.registration(), AccountId.SERVICE);
        long mark = entra.mark();

        Set<String> tokens = storm(1_000, List.of(replica("one"), replica("two")), service);

        assertThat(tokens).hasSize(1);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void aCrashBetweenEntrasAnswerAndTheWriteLosesNothing() {
        expireAccessToken();
        var dying = new DyingStore(database, vault, clock);
        TokenIssue crashed = replica("crashed", dying, Duration.ofSeconds(1));

        assertThatThrownBy(() -> crashed.issue(key, MINUTE, Optional.empty())).isInstanceOf(Killed.class);
        assertThat(dying.answered).isTrue();

        // The lease of the dead one runs out, and the refresh token that it had used still works.
        TokenAnswer answer = replica("heir").issue(key, MINUTE, Optional.empty());
        assertThat(answer).isInstanceOf(TokenAnswer.Issued.class);
        assertThat(state(ben)).isEqualTo("ready");
    }

    @Test
    void aReplicaWaitsForTheLeaseOfAnotherButNotLongerThanItLives() throws SQLException {
        expireAccessToken();
        StoredTokens stored = store.read(key).orElseThrow();
        long before = System.nanoTime();
        Optional<Lease> held = store.tryLease(stored.accountId(), "other", Duration.ofMillis(1_500));
        assertThat(held).isPresent();
        assertThat(store.tryLease(stored.accountId(), "me", MINUTE)).isEmpty();

        TokenAnswer answer = replica("waiting").issue(key, MINUTE, Optional.empty());

        assertThat(answer).isInstanceOf(TokenAnswer.Issued.class);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void whoLostHisLeaseDoesNotOverwriteWhatItsHeirWrote() {
        StoredTokens before = store.read(key).orElseThrow();
        Lease stalled = store.tryLease(before.accountId(), "stalled", Duration.ofMillis(1))
                .orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> store.tryLease(before.accountId(), "heir", MINUTE).isPresent());

        boolean written = store.write(
                stalled,
                before,
                before.refreshToken(),
                new Grant.Granted("late", MINUTE, Optional.of("late"), Optional.empty(), false));

        assertThat(written).isFalse();
        assertThat(store.read(key).orElseThrow().refreshToken()).isEqualTo(before.refreshToken());
    }

    @Test
    void whoIsRefusedWhatAnotherHasRenewedMeanwhileDoesNotTakeTheAccountDown() throws Exception {
        // Given a replica that stalls between Entra's refusal and its verdict
        expireAccessToken();
        entra.app(Seed.CLIENT_ID, Map.of("revokeOldRefreshTokens", true));
        StoredTokens before = store.read(key).orElseThrow();
        var stalled = new StalledStore(database, vault, clock, before);
        TokenIssue slow = replica("slow", stalled, Duration.ofMillis(1));

        // When another takes over, and what the first one had read is of no use any more
        assertThat(replica("heir").issue(key, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);
        TokenAnswer answer = slow.issue(key, MINUTE, Optional.empty());

        // Then the first one sees that
        assertThat(stalled.wasAsked()).isTrue();
        assertThat(answer).isInstanceOf(TokenAnswer.Issued.class);
        assertThat(state(ben)).isEqualTo("ready");
    }

    @Test
    void whoSignsOutWhileEntraIsAskedGetsNoTokenOfBefore() throws Exception {
        // Given a token that lives, but not for long enough, and an Entra that is away and slow to say so
        change(
                "update account_token set obtained_at = now() - interval '57 minutes', access_expires_at = now() + interval '20 seconds' where account_id = ?",
                accountId());
        TokenIssue issue = replica("one");
        entra.tokenFault(Map.of("delayMs", 2_500, "status", 503));

        // When he signs out while it is asked
        long mark = entra.mark();
        CompletableFuture<TokenAnswer> answer =
                CompletableFuture.supplyAsync(() -> issue.issue(key, MINUTE, Optional.empty()));
        await().atMost(PATIENCE)
                .until(() -> rows("select count(*) from token_lease where account_id = " + accountId()
                                + " and expires_at > clock_timestamp()")
                        == 1);
        accounts.signOut(key);

        assertThat(answer.get(1, TimeUnit.MINUTES)).isInstanceOf(TokenAnswer.Refused.class);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void whatOnePersonIsRefusedSaysNothingOfTheOthers() {
        // Given two people whose tokens have expired, and a rule that keeps one of them out
        signIn(loginUrl(ada, Seed.ADA), Seed.ADA);
        AccountKey adas = new AccountKey(portal, key.registration(), AccountId.ofUser(ada));
        expireAccessToken();
        change("update account_token set access_expires_at = now() where account_id = ?", accountId(adas));
        entra.tokenFault(Map.of("status", 400, "code", "access_denied", "times", 1));
        TokenIssue issue = replica("one");

        assertThat(issue.issue(key, MINUTE, Optional.empty()))
                .isEqualTo(TokenAnswer.Refused.of(AuthProblem.ACCOUNT_BLOCKED));

        assertThat(issue.issue(adas, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);
        assertThat(state(ben)).isEqualTo("blocked");
    }

    @Test
    void whereTheAppIsThrottledItsOtherAccountsWaitAsWell() {
        List<AccountKey> everybody = threeExpiredAccounts();
        entra.tokenFault(Map.of("status", 429, "retryAfter", 30));
        TokenIssue issue = replica("one");
        long mark = entra.mark();

        for (AccountKey account : everybody) {
            TokenAnswer.Refused refused = (TokenAnswer.Refused) issue.issue(account, MINUTE, Optional.empty());
            assertThat(refused.problem()).isEqualTo(AuthProblem.ENTRA_UNAVAILABLE);
            assertThat(refused.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
        }

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void aRefreshTokenThatDoesNotOpenNeedsALoginOnlyWhereNoOtherIsLeft() {
        StoredTokens before = store.read(key).orElseThrow();
        change(
                "update account_token set refresh_token = ?, previous_refresh_token = ?, access_expires_at = now() where account_id = ?",
                vault.seal(place("another-field"), "moved"),
                vault.seal(
                        place("previous-refresh-token"), before.refreshToken().orElseThrow()),
                before.accountId());
        assertThat(replica("one").issue(key, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);

        change(
                "update account_token set refresh_token = ?, previous_refresh_token = null, access_expires_at = now() where account_id = ?",
                vault.seal(place("another-field"), "moved"),
                before.accountId());
        assertThat(replica("two").issue(key, MINUTE, Optional.empty()))
                .isEqualTo(TokenAnswer.Refused.of(AuthProblem.LOGIN_REQUIRED));
        assertThat(state(ben)).isEqualTo("needs-login");
    }

    @Test
    void tokensRenewedWhileSomebodySignsOutAreDropped() {
        StoredTokens before = store.read(key).orElseThrow();
        Lease lease = store.tryLease(before.accountId(), "renewing", MINUTE).orElseThrow();
        accounts.signOut(key);

        boolean written = store.write(
                lease,
                before,
                before.refreshToken(),
                new Grant.Granted("new", MINUTE, Optional.of("new"), Optional.empty(), false));

        assertThat(written).isFalse();
        StoredTokens after = store.read(key).orElseThrow();
        assertThat(after.refreshToken()).isEmpty();
        assertThat(after.access()).isEmpty();
        assertThat(rows("select count(*) from account_token where account_id = " + before.accountId()))
                .isZero();
    }

    @Test
    void theRefreshTokenBeforeTheLastIsUsedWhereTheLastNeverWorked() {
        StoredTokens before = store.read(key).orElseThrow();
        String good = before.refreshToken().orElseThrow();
        change(
                "update account_token set refresh_token = ?, previous_refresh_token = ?, access_expires_at = now() where account_id = ?",
                vault.seal(place("refresh-token"), "never-stored-completely"),
                vault.seal(place("previous-refresh-token"), good),
                before.accountId());

        TokenAnswer answer = replica("one").issue(key, MINUTE, Optional.empty());

        assertThat(answer).isInstanceOf(TokenAnswer.Issued.class);
        StoredTokens after = store.read(key).orElseThrow();
        assertThat(after.previousRefreshToken()).contains(good);
        assertThat(after.refreshToken()).isPresent().isNotEqualTo(Optional.of(good));
    }

    @Test
    void aTokenThatIsStillValidIsServedWhileEntraIsAway() {
        change(
                "update account_token set access_expires_at = now() + interval '20 seconds', obtained_at = now() - interval '1 hour' where account_id = ?",
                accountId());
        entra.tokenFault(Map.of("status", 503));
        TokenIssue issue = replica("one");
        long mark = entra.mark();

        for (int i = 0; i < 20; i++) {
            assertThat(issue.issue(key, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);
        }

        // Entra was asked, and not again for each of them.
        assertThat(entra.tokenCallsSince(mark)).isBetween(1L, 3L);
    }

    @Test
    void whileEntraIsAwayItSaysWhenToComeBackAndIsNotHammered() {
        expireAccessToken();
        entra.tokenFault(Map.of("status", 429, "retryAfter", 30));
        TokenIssue issue = replica("one");
        long mark = entra.mark();

        for (int i = 0; i < 50; i++) {
            assertThat(issue.issue(key, MINUTE, Optional.empty()))
                    .isEqualTo(new TokenAnswer.Refused(
                            AuthProblem.ENTRA_UNAVAILABLE, Optional.of(Duration.ofSeconds(30))));
        }

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        token("user:" + ben).statusCode(503).header("Retry-After", org.hamcrest.Matchers.notNullValue());
    }

    @Test
    void aChallengeThatComesWhileEntraIsAwayWaitsAsWell() {
        entra.tokenFault(Map.of("status", 429, "retryAfter", 30));
        TokenIssue issue = replica("one");
        Optional<String> claims =
                Optional.of("{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}");
        long mark = entra.mark();

        for (int i = 0; i < 20; i++) {
            TokenAnswer.Refused refused = (TokenAnswer.Refused) issue.issue(key, MINUTE, claims);
            assertThat(refused.problem()).isEqualTo(AuthProblem.ENTRA_UNAVAILABLE);
            assertThat(refused.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
        }

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        // The token of before lives, and is good enough for everybody else.
        assertThat(issue.issue(key, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);
    }

    @Test
    void aTokenThatDoesNotOpenIsRenewedByTheOneThatDoes() {
        change(
                "update account_token set access_token = ?, previous_refresh_token = ? where account_id = ?",
                vault.seal(place("another-field"), "moved"),
                vault.seal(place("another-field"), "moved"),
                accountId());

        assertThat(replica("one").issue(key, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);
    }

    @Test
    void anEntraThatNeverAnswersIsGivenUpAndTheNextCallWorks() {
        expireAccessToken();
        entra.tokenFault(Map.of("delayMs", 20_000, "times", 1));
        TokenIssue issue = replica("one");

        long before = System.nanoTime();
        TokenAnswer refused = issue.issue(key, MINUTE, Optional.empty());

        assertThat(refused).isInstanceOf(TokenAnswer.Refused.class);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(18));
        entra.noFaults();
        await().atMost(PATIENCE).until(() -> issue.issue(key, MINUTE, Optional.empty()) instanceof TokenAnswer.Issued);
    }

    @Test
    void anExpiredSecretIsToldAsSuchAndTheAccountStays() {
        expireAccessToken();
        entra.app(Seed.CLIENT_ID, Map.of("secretExpired", true));

        token("user:" + ben).statusCode(503).header("X-M365-Problem", "credential-expired");

        assertThat(state(ben)).isEqualTo("ready");
    }

    @Test
    void anAppThatEntraRefusesIsNotAskedForForEveryAccountOfTheRegistration() {
        // Given three accounts, and then an administrator disables the app
        List<AccountKey> everybody = threeExpiredAccounts();
        entra.app(Seed.CLIENT_ID, Map.of("disabled", true));
        TokenIssue issue = replica("one");

        // When everybody wants a token, then Entra is asked for one of them
        assertOneCallFor(issue, everybody, AuthProblem.REGISTRATION_MISCONFIGURED);

        // And for all of them as soon as the registration has changed
        entra.app(Seed.CLIENT_ID, Map.of("disabled", false));
        issue.forgetFailures(portal, key.registration());
        assertThat(everybody).allSatisfy(account -> assertThat(issue.issue(account, MINUTE, Optional.empty()))
                .isInstanceOf(TokenAnswer.Issued.class));
    }

    @Test
    void whereBothKindsOfAccountAreLetInWhatOneIsRefusedSaysNothingOfTheOther() {
        // Given a registration for both kinds, with a personal account and one of an organization
        entra.app(Seed.CLIENT_ID, Map.of("signInAudience", "AzureADandPersonalMicrosoftAccount"));
        asAdmin()
                .body(Map.of("accountTypes", "both", "features", List.of("mail-read")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        signIn(loginUrl(ada, Seed.DORA), Seed.DORA);
        AccountKey personal = new AccountKey(portal, key.registration(), AccountId.ofUser(ada));
        change("update account_token set access_expires_at = now() where account_id = ?", accountId(personal));
        expireAccessToken();
        TokenIssue issue = replica("one");

        // When the app is refused to the one
        entra.app(Seed.CLIENT_ID, Map.of("disabled", true));
        assertThat(issue.issue(personal, MINUTE, Optional.empty()))
                .isEqualTo(TokenAnswer.Refused.of(AuthProblem.REGISTRATION_MISCONFIGURED));
        entra.app(Seed.CLIENT_ID, Map.of("disabled", false));

        // Then the other one has a token at once
        assertThat(issue.issue(key, MINUTE, Optional.empty())).isInstanceOf(TokenAnswer.Issued.class);
    }

    @Test
    void aSecretThatEntraRefusesIsNotTriedForEveryAccountOfTheRegistration() {
        List<AccountKey> everybody = threeExpiredAccounts();
        entra.app(Seed.CLIENT_ID, Map.of("secretExpired", true));

        assertOneCallFor(replica("one"), everybody, AuthProblem.CREDENTIAL_EXPIRED);
    }

    private List<AccountKey> threeExpiredAccounts() {
        signIn(loginUrl(ada, Seed.ADA), Seed.ADA);
        AccountKey adas = new AccountKey(portal, key.registration(), AccountId.ofUser(ada));
        AccountKey service = new AccountKey(portal, key.registration(), AccountId.SERVICE);
        for (AccountKey expired : List.of(key, adas)) {
            change("update account_token set access_expires_at = now() where account_id = ?", accountId(expired));
        }
        return List.of(key, adas, service);
    }

    private void assertOneCallFor(TokenIssue issue, List<AccountKey> everybody, AuthProblem problem) {
        long mark = entra.mark();
        for (int i = 0; i < 10; i++) {
            for (AccountKey account : everybody) {
                assertThat(issue.issue(account, MINUTE, Optional.empty())).isEqualTo(TokenAnswer.Refused.of(problem));
            }
        }
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void aTokenInUseIsRenewedBeforeItsEnd() {
        change(
                "update account_token set obtained_at = now() - interval '57 minutes', access_expires_at = now() + interval '3 minutes' where account_id = ?",
                accountId());
        TokenIssue issue = replica("one");
        String old = accessToken(issue);
        long mark = entra.mark();

        // This one is still the old one, and is the reason to renew; a replica of the tests does that at once.
        assertThat(accessToken(issue)).isEqualTo(old);

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        assertThat(accessToken(issue)).isNotEqualTo(old);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void aRenewalThatHasUsedUpHalfOfItsLeaseBeginsNoFurtherGrant() {
        // Given a refresh token that does not work, the one before that does, and an Entra that is always slow
        StoredTokens before = store.read(key).orElseThrow();
        change(
                "update account_token set refresh_token = ?, previous_refresh_token = ?, access_expires_at = now() where account_id = ?",
                vault.seal(place("refresh-token"), "never-stored-completely"),
                vault.seal(
                        place("previous-refresh-token"), before.refreshToken().orElseThrow()),
                before.accountId());
        entra.tokenFault(Map.of("delayMs", 1_600));
        long mark = entra.mark();

        // When it is renewed under leases of three seconds
        TokenAnswer answer = replica("slow", store, Duration.ofSeconds(3)).issue(key, MINUTE, Optional.empty());

        // Then it takes a new lease before it goes on, and goes on there: the one refused, then the one before the last
        assertThat(answer).isInstanceOf(TokenAnswer.Issued.class);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(2);
        assertThat(state(ben)).isEqualTo("ready");
    }

    @Test
    void whoIsBlockedIsToldSoAndComesBackByTheNextLogin() {
        expireAccessToken();
        entra.account(Seed.BEN, Map.of("policyBlocked", true));

        token("user:" + ben).statusCode(409).header("X-M365-Problem", "account-blocked");
        long mark = entra.mark();
        token("user:" + ben).statusCode(409).header("X-M365-Problem", "account-blocked");

        assertThat(entra.tokenCallsSince(mark)).isZero();
        assertThat(state(ben)).isEqualTo("blocked");
        entra.account(Seed.BEN, Map.of("policyBlocked", false));
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        token("user:" + ben).statusCode(200);
    }

    @Test
    void aClaimsChallengeIsRedeemedAndTheNewTokenReplacesTheOld() {
        String before = token("user:" + ben).statusCode(200).extract().path("accessToken");

        String after = token(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "user:" + ben,
                        "claims",
                        "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}"))
                .statusCode(200)
                .extract()
                .path("accessToken");

        assertThat(after).isNotEqualTo(before);
        assertThat(token("user:" + ben).statusCode(200).extract().<String>path("accessToken"))
                .isEqualTo(after);
    }

    @Test
    void whatOneReplicaSignsOutTheOtherNoLongerServesWithinTwoSeconds() {
        // Only the topic tells this replica, as it would in another process.
        TokenIssue other = replica("other");
        List<Long> millis = new ArrayList<>();
        do {
            if (!millis.isEmpty()) {
                signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
            }
            await().atMost(PATIENCE)
                    .until(() -> other.issue(key, MINUTE, Optional.empty()) instanceof TokenAnswer.Issued);
            accounts.signOut(key);
            long begin = System.nanoTime();
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> other.issue(key, MINUTE, Optional.empty()) instanceof TokenAnswer.Refused);
            millis.add((System.nanoTime() - begin) / 1_000_000);
        } while (millis.get(millis.size() - 1) >= 2_000 && millis.size() < 3);
        assertThat(millis).as("milliseconds until refused").anyMatch(taken -> taken < 2_000);
    }

    @Test
    void anAccountWhoseVaultKeyIsGoneNeedsALoginAndIsRepairedByOne() {
        // The key of before was taken out of the keyset while it was still needed.
        Vault retired = Vault.of(Keygen.retire(Keygen.promote(keyset)));
        TokenStore itsStore = new TokenStore(database, retired, clock);

        TokenAnswer answer = replica("early", itsStore, Duration.ofSeconds(7)).issue(key, MINUTE, Optional.empty());

        assertThat(answer).isEqualTo(new TokenAnswer.Refused(AuthProblem.LOGIN_REQUIRED, Optional.empty()));
        assertThat(state(ben)).isEqualTo("needs-login");
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        assertThat(state(ben)).isEqualTo("ready");
        token("user:" + ben).statusCode(200);
    }

    @Test
    void aReplicaThatHasNotGotTheKeyYetSaysSoAndDestroysNothing() {
        // Against the order: a key seals on another replica before it was added here.
        Vault ahead = Vault.of(Keygen.promote(Keygen.add(keyset)));
        new KeyHistory(database, ahead, clock).remember();
        StoredTokens stored = store.read(key).orElseThrow();
        change(
                "update account_token set refresh_token = ? where account_id = ?",
                ahead.seal(place("refresh-token"), stored.refreshToken().orElseThrow()),
                stored.accountId());

        assertThatThrownBy(() -> replica("behind").issue(key, MINUTE, Optional.empty()))
                .isInstanceOfSatisfying(ProblemException.class, problem -> assertThat(problem.type())
                        .isEqualTo(AuthProblem.VAULT_KEY_MISSING));
        assertThat(state(ben)).isEqualTo("ready");

        // With the newest keyset all is well.
        TokenStore itsStore = new TokenStore(database, ahead, clock);
        assertThat(replica("exchanged", itsStore, Duration.ofSeconds(7)).issue(key, MINUTE, Optional.empty()))
                .isInstanceOf(TokenAnswer.Issued.class);
    }

    @Test
    void aDatabaseThatDoesNotAnswerForAMomentCostsNoAccount() {
        // Given a value of another replica's newer key, and a database that is away when it is asked whose key that is
        Vault ahead = Vault.of(Keygen.promote(Keygen.add(keyset)));
        new KeyHistory(database, ahead, clock).remember();
        StoredTokens stored = store.read(key).orElseThrow();
        change(
                "update account_token set refresh_token = ?, access_expires_at = now() where account_id = ?",
                ahead.seal(place("refresh-token"), stored.refreshToken().orElseThrow()),
                stored.accountId());
        TokenStore itsStore = new TokenStore(failingAt("vault_key"), vault, clock);

        // Then nothing is concluded from that
        assertThatThrownBy(
                        () -> replica("hiccup", itsStore, Duration.ofSeconds(7)).issue(key, MINUTE, Optional.empty()))
                .isInstanceOf(UncheckedSqlException.class);
        assertThat(state(ben)).isEqualTo("ready");

        // And the token is as good as before
        TokenStore exchanged = new TokenStore(database, ahead, clock);
        assertThat(replica("exchanged", exchanged, Duration.ofSeconds(7)).issue(key, MINUTE, Optional.empty()))
                .isInstanceOf(TokenAnswer.Issued.class);
    }

    /** The database, which is away for statements that name this table. */
    private DataSource failingAt(String table) {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (source, method, arguments) -> {
                    Connection connection = (Connection) method.invoke(database, arguments);
                    return Proxy.newProxyInstance(
                            getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, call, values) -> {
                                if (call.getName().equals("prepareStatement") && ((String) values[0]).contains(table)) {
                                    throw new SQLException("the database is away");
                                }
                                return call.invoke(connection, values);
                            });
                });
    }

    // Replicas

    @Inject
    TokenRim rim;

    private TokenIssue replica(String name) {
        return replica(name, store, Duration.ofSeconds(7));
    }

    private TokenIssue replica(String name, TokenStore itsStore, Duration lease) {
        return new TokenIssue(
                name + "-" + portal,
                itsStore,
                entraClient,
                apps,
                refusal -> accounts.refused(
                        refusal.before().accountId(),
                        refusal.before().generation(),
                        refusal.state(),
                        refusal.reason(),
                        refusal.code(),
                        refusal.claims(),
                        () -> itsStore.isStill(refusal.lease(), refusal.before())),
                rim::outdated,
                new Settings(lease),
                Runnable::run,
                clock);
    }

    private record Settings(Duration lease) implements TokenSettings {
        @Override
        public Duration minimumTtl() {
            return MINUTE;
        }

        @Override
        public Duration patience() {
            return Duration.ofSeconds(15);
        }

        @Override
        public Duration poll() {
            return Duration.ofMillis(20);
        }

        @Override
        public long mostInMemory() {
            return 1_000;
        }
    }

    /** The end of a process, between Entra's answer and the write: nothing is written and nothing released. */
    private static final class Killed extends Error {
        Killed() {
            super("killed");
        }
    }

    @Vetoed
    private static final class DyingStore extends TokenStore {

        private boolean answered;

        DyingStore(DataSource database, Vault vault, Clock clock) {
            super(database, vault, clock);
        }

        @Override
        boolean write(Lease lease, StoredTokens before, Optional<String> used, Grant.Granted tokens) {
            answered = true;
            throw new Killed();
        }

        @Override
        void release(Lease lease) {
            // A dead process releases nothing.
        }
    }

    /** Reads once what was there before, as one does that has been asleep since. */
    @Vetoed
    private static final class StalledStore extends TokenStore {

        private final Deque<StoredTokens> before = new ArrayDeque<>();
        private boolean asked;

        StalledStore(DataSource database, Vault vault, Clock clock, StoredTokens before) {
            super(database, vault, clock);
            // Once to see whether to renew, and once under the lease.
            this.before.addAll(List.of(before, before));
        }

        @Override
        Optional<StoredTokens> read(AccountKey key) {
            return Optional.ofNullable(before.poll()).or(() -> super.read(key));
        }

        @Override
        boolean isStill(Lease lease, StoredTokens tokens) {
            asked = true;
            return super.isStill(lease, tokens);
        }

        boolean wasAsked() {
            return asked;
        }
    }

    private static Set<String> storm(int callers, List<TokenIssue> replicas, AccountKey key)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            var start = new CountDownLatch(1);
            List<Future<TokenAnswer>> answers = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                TokenIssue replica = replicas.get(i % replicas.size());
                answers.add(threads.submit(() -> {
                    start.await();
                    return replica.issue(key, MINUTE, Optional.empty());
                }));
            }
            start.countDown();
            List<TokenAnswer> all = new ArrayList<>();
            for (Future<TokenAnswer> answer : answers) {
                all.add(answer.get());
            }
            return all.stream()
                    .map(answer -> ((TokenAnswer.Issued) answer).accessToken())
                    .collect(Collectors.toSet());
        } finally {
            threads.shutdownNow();
        }
    }

    // Database

    private long accountId() {
        return accountId(key);
    }

    private long accountId(AccountKey account) {
        return store.read(account).orElseThrow().accountId();
    }

    private String accessToken(TokenIssue issue) {
        return ((TokenAnswer.Issued) issue.issue(key, MINUTE, Optional.empty())).accessToken();
    }

    private void expireAccessToken() {
        change("update account_token set access_expires_at = now() where account_id = ?", accountId());
    }

    private Place place(String field) {
        return new Place(key.portal(), key.registration(), key.account().value(), field);
    }

    private void change(String sql, Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            assertThat(statement.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private long rows(String sql) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql);
                var result = statement.executeQuery()) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
