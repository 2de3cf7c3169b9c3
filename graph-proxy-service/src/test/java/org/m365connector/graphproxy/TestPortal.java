package org.m365connector.graphproxy;

import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.m365connector.access.KeyHash;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.Entitlement;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;
import org.m365connector.view.Views;

/** A fresh portal as auth-service and assignment-service would tell of it. Each step waits until the proxy has heard. */
final class TestPortal {

    static final RegistrationName MAIN = new RegistrationName("Main");
    private static final AtomicLong VERSIONS = new AtomicLong();

    private final World world;
    private final Views views;
    private final PortalId id =
            new PortalId("t" + UUID.randomUUID().toString().replace("-", "").substring(0, 12));
    private final String key = "portal-key-" + UUID.randomUUID();

    TestPortal(World world, Views views) {
        this.world = world;
        this.views = views;
        state(PortalState.ACTIVE);
    }

    /** A portal whose registration {@code Main} goes to that Graph. */
    static TestPortal with(World world, Views views, String graphBase) {
        return new TestPortal(world, views).registration(graphBase, RegistrationState.COMPLETE);
    }

    PortalId id() {
        return id;
    }

    String key() {
        return key;
    }

    TestPortal state(PortalState state) {
        return portal(state, List.of(KeyHash.of(key)), Optional.empty());
    }

    TestPortal entitled(Entitlement entitlement) {
        return portal(PortalState.ACTIVE, List.of(KeyHash.of(key)), Optional.of(entitlement));
    }

    TestPortal revokeKey() {
        return portal(PortalState.ACTIVE, List.of(), Optional.empty());
    }

    private TestPortal portal(PortalState state, List<String> keys, Optional<Entitlement> entitlement) {
        PortalRecord record =
                new PortalRecord(id, VERSIONS.incrementAndGet(), "Test", "en", List.of(), keys, state, entitlement);
        world.publish(Topics.PORTALS, record.key(), PortalRecord.TYPE, record);
        seen(() -> views.portals().get(record.key()).filter(record::equals).isPresent());
        return this;
    }

    TestPortal registration(String graphBase, RegistrationState state) {
        RegistrationRecord record = new RegistrationRecord(
                id,
                MAIN,
                VERSIONS.incrementAndGet(),
                "global",
                graphBase,
                Optional.of("tenant"),
                Optional.of("client"),
                AccountTypes.BUSINESS,
                "emailBiz",
                List.of(),
                new PortalUser("ADA"),
                state);
        world.publish(Topics.REGISTRATIONS, record.key(), RegistrationRecord.CHANGED, record);
        seen(() ->
                views.registrations().get(record.key()).filter(record::equals).isPresent());
        return this;
    }

    /** @param names accounts, the default one with a star: {@code current-user*} */
    TestPortal assign(String portalUser, String... names) {
        List<AssignmentsRecord.Account> accounts = new ArrayList<>();
        for (String name : names) {
            accounts.add(new AssignmentsRecord.Account(new AccountName(name.replace("*", "")), name.endsWith("*")));
        }
        AssignmentsRecord record =
                new AssignmentsRecord(id, MAIN, new PortalUser(portalUser), VERSIONS.incrementAndGet(), accounts);
        world.publish(Topics.ASSIGNMENTS, record.key(), AssignmentsRecord.TYPE, record);
        seen(() -> views.assignments().get(record.key()).filter(record::equals).isPresent());
        return this;
    }

    /** The same for one account of which the assignment leaves only a part. */
    TestPortal assign(String portalUser, String name, Narrowing narrowing) {
        return assigned(new AssignmentsRecord(
                id,
                MAIN,
                new PortalUser(portalUser),
                VERSIONS.incrementAndGet(),
                List.of(new AssignmentsRecord.Account(new AccountName(name), true, Optional.of(narrowing)))));
    }

    /** Processes without a user run as this one. */
    TestPortal technicalUser(String portalUser) {
        return assigned(new AssignmentsRecord(
                id,
                MAIN,
                AssignmentsRecord.DEFAULT,
                VERSIONS.incrementAndGet(),
                List.of(),
                Optional.of(new PortalUser(portalUser)),
                Optional.empty()));
    }

    /** One account, by the assignment for this group. */
    TestPortal assignByGroup(String portalUser, String name, String group) {
        return assigned(new AssignmentsRecord(
                id,
                MAIN,
                new PortalUser(portalUser),
                VERSIONS.incrementAndGet(),
                List.of(new AssignmentsRecord.Account(new AccountName(name), true)),
                Optional.empty(),
                Optional.of(new DecidingRule(DecidingRule.Kind.GROUP, Optional.of(group)))));
    }

    private TestPortal assigned(AssignmentsRecord record) {
        world.publish(Topics.ASSIGNMENTS, record.key(), AssignmentsRecord.TYPE, record);
        seen(() -> views.assignments().get(record.key()).filter(record::equals).isPresent());
        return this;
    }

    TestPortal account(String account, AccountState state, long generation) {
        return account(account, state, generation, AccountType.WORK);
    }

    TestPortal account(String account, AccountState state, long generation, AccountType type) {
        return account(account, state, generation, type, Optional.empty(), Optional.empty());
    }

    /** That portal user has signed in, as this person. */
    TestPortal signedIn(String portalUser, String upn, String oid) {
        return account(
                "user:" + portalUser, AccountState.READY, 1, AccountType.WORK, Optional.of(upn), Optional.of(oid));
    }

    private TestPortal account(
            String account,
            AccountState state,
            long generation,
            AccountType type,
            Optional<String> upn,
            Optional<String> oid) {
        AccountRecord record = new AccountRecord(
                id,
                MAIN,
                new AccountId(account),
                VERSIONS.incrementAndGet(),
                state,
                Optional.empty(),
                upn,
                Optional.of("tenant"),
                oid,
                Optional.of(type),
                generation);
        world.publish(Topics.ACCOUNTS, record.key(), AccountRecord.TYPE, record);
        seen(() -> views.accounts().get(record.key()).filter(record::equals).isPresent());
        return this;
    }

    /** Every question for a token of that account gets this one. */
    TestPortal token(String account, String token) {
        world.auth().answers(accountKey(account), question -> AuthStandIn.token(token, 1));
        return this;
    }

    String accountKey(String account) {
        return id + "/" + MAIN + "/" + account;
    }

    /** Path of the proxy for that target ({@code /v1.0/…}). */
    String path(String target) {
        return "/graph/" + id + "/" + MAIN + target;
    }

    /** A request with the portal's key, in that user's name. */
    HttpRequest.Builder request(String portalUser, String target) {
        return world.request(path(target))
                .timeout(Duration.ofSeconds(30))
                .header("X-API-Key", key)
                .header("X-Portal-User", portalUser);
    }

    private static void seen(BooleanSupplier condition) {
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(condition::getAsBoolean);
    }
}
