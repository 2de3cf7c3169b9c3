package org.m365connector.assignment;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.access.KeyHash;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.Entitlement;
import org.m365connector.events.Event;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalGroupChanged;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;

/** A fresh portal, with what auth-service and the portal itself would do for it. */
final class TestPortal {
    static final Duration SOON = Duration.ofMinutes(3);
    static final String ADMIN_KEY = "admin-key-for-tests-0123456789";

    final PortalId id = new PortalId("p-" + UUID.randomUUID().toString().substring(0, 18));
    final RegistrationName registration = new RegistrationName("Main");
    final PortalUser administrator = user("ADMINISTRATOR");
    final String key = "portal-key-" + UUID.randomUUID();
    private final KafkaSide kafka;

    private TestPortal(KafkaSide kafka) {
        this.kafka = kafka;
    }

    /** An onboarded portal whose key is known to the service. */
    static TestPortal onboarded(KafkaSide kafka) throws Exception {
        var portal = new TestPortal(kafka);
        kafka.createUsersTopic(portal.usersTopic());
        portal.entitledTo(1, Optional.empty());
        await().atMost(SOON)
                .until(() -> portal.asPortal()
                                .get(portal.path("/users/NOBODY"))
                                .then()
                                .extract()
                                .statusCode()
                        == 404);
        return portal;
    }

    void entitledTo(long version, Optional<Entitlement> entitlement) throws Exception {
        var record = new PortalRecord(
                id, version, "Demo", "de", List.of(), List.of(KeyHash.of(key)), PortalState.ACTIVE, entitlement);
        kafka.send(Topics.PORTALS, record.key(), KafkaSide.event(PortalRecord.TYPE, record));
    }

    /** An onboarded portal with a complete registration. */
    static TestPortal registered(KafkaSide kafka) throws Exception {
        var portal = onboarded(kafka);
        portal.registrationIs(RegistrationState.COMPLETE, 1);
        portal.awaitAccounts(portal.administrator, "[current-user], service");
        return portal;
    }

    static PortalUser user(String name) {
        var guid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
        return new PortalUser((guid + "00000000").toUpperCase(Locale.ROOT));
    }

    String usersTopic() {
        return Topics.users(id);
    }

    String path(String below) {
        return "/api/portals/" + id + below;
    }

    String assignmentsPath() {
        return path("/registrations/" + registration + "/assignments");
    }

    String recordKey(PortalUser user) {
        return AssignmentsRecord.key(id, registration, user);
    }

    RegistrationRecord registrationRecord(RegistrationState state, long version) {
        return registrationRecord(state, version, AccountTypes.BOTH);
    }

    RegistrationRecord registrationRecord(RegistrationState state, long version, AccountTypes types) {
        return registrationRecord(state, version, types, "emailBiz");
    }

    RegistrationRecord registrationRecord(RegistrationState state, long version, AccountTypes types, String upnField) {
        return new RegistrationRecord(
                id,
                registration,
                version,
                "global",
                "https://graph.microsoft.com",
                Optional.of("tenant"),
                Optional.of("client"),
                types,
                upnField,
                List.of("mail"),
                administrator,
                state);
    }

    void registrationIs(RegistrationState state, long version) throws Exception {
        var type = state == RegistrationState.COMPLETE ? RegistrationRecord.MADE : RegistrationRecord.CHANGED;
        sendRegistration(KafkaSide.event(type, registrationRecord(state, version)));
    }

    void registrationIsGone() throws Exception {
        kafka.sendTombstone(Topics.REGISTRATIONS, RegistrationRecord.key(id, registration));
    }

    void sendRegistration(Event<?> event) throws Exception {
        kafka.send(Topics.REGISTRATIONS, RegistrationRecord.key(id, registration), event);
    }

    void staticAccountIs(String name, AccountState state, long version) throws Exception {
        sendStaticAccount(name, KafkaSide.event(AccountRecord.TYPE, staticAccount(name, state, version)));
    }

    AccountRecord staticAccount(String name, AccountState state, long version) {
        return new AccountRecord(
                id,
                registration,
                AccountId.ofStatic(new AccountName(name)),
                version,
                state,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1);
    }

    void sendStaticAccount(String name, Event<?> event) throws Exception {
        kafka.send(
                Topics.ACCOUNTS, AccountRecord.key(id, registration, AccountId.ofStatic(new AccountName(name))), event);
    }

    /** That portal user has signed in, as this person. */
    void signedIn(PortalUser user, String upn, String oid) throws Exception {
        var record = new AccountRecord(
                id,
                registration,
                AccountId.ofUser(user),
                1,
                AccountState.READY,
                Optional.empty(),
                Optional.of(upn),
                Optional.of("tenant"),
                Optional.of(oid),
                Optional.empty(),
                1);
        kafka.send(Topics.ACCOUNTS, record.key(), KafkaSide.event(AccountRecord.TYPE, record));
    }

    Event<?> userEvent(PortalUser user, List<String> groups, List<String> roles) {
        return KafkaSide.event(
                PortalUserChanged.TYPE,
                new PortalUserChanged(user, Map.of("emailBiz", "somebody@contoso.example"), groups, roles));
    }

    void tellUser(PortalUser user, Event<?> event) throws Exception {
        kafka.send(usersTopic(), user.value(), event);
    }

    void tellUser(PortalUser user) throws Exception {
        tellUser(user, userEvent(user, List.of(), List.of()));
    }

    void tellGroup(String group, int priority, String... memberOf) throws Exception {
        var told = new PortalGroupChanged(group, Optional.empty(), Optional.of(priority), List.of(memberOf));
        kafka.send(usersTopic(), PortalGroupChanged.key(group), KafkaSide.event(PortalGroupChanged.TYPE, told));
    }

    /** What the service account is left of its power; empty as long as there is no such record. */
    Optional<Narrowing> narrowingOf(PortalUser user) {
        return kafka.assignments(recordKey(user)).stream()
                .flatMap(record -> record.accounts().stream())
                .filter(held -> held.account().equals(AccountName.SERVICE))
                .findFirst()
                .flatMap(AssignmentsRecord.Account::narrowing);
    }

    void awaitMailbox(PortalUser user, String mailbox) {
        await("mailbox of " + user)
                .atMost(SOON)
                .until(() -> narrowingOf(user).flatMap(Narrowing::mailbox), Optional.of(mailbox)::equals);
    }

    /** Of an account that may open the user's own mailbox only: what the portal is said to have told of his name. */
    void awaitToldUpn(PortalUser user, String upn) {
        await("told name of " + user)
                .atMost(SOON)
                .until(() -> narrowingOf(user), Optional.of(Narrowing.OWN_MAILBOX.withToldUpn(upn))::equals);
    }

    /** Waits for a record on the topic: names in their order, the default in brackets. */
    void awaitAccounts(PortalUser user, String accounts) {
        await("accounts of " + user).atMost(SOON).until(() -> accountsOf(user), Optional.of(accounts)::equals);
    }

    /** Waits until what was told of the user has been read, which nobody who is given something in person has to wait for. */
    void awaitKnown(PortalUser user) {
        await("what is known of " + user).atMost(SOON).until(() -> statusOf(user), status -> status == 200);
    }

    void awaitUnknown(PortalUser user) {
        await("that nothing is known of " + user).atMost(SOON).until(() -> statusOf(user), status -> status == 404);
    }

    private int statusOf(PortalUser user) {
        return asAdmin().get(path("/users/" + user)).then().extract().statusCode();
    }

    void awaitTombstone(PortalUser user) {
        await("end of " + user)
                .atMost(SOON)
                .until(() -> !kafka.seen(recordKey(user)).isEmpty()
                        && kafka.assignments(recordKey(user)).isEmpty());
    }

    /** Which assignment decides, as the readers of the topic know. */
    Optional<DecidingRule> ruleOf(PortalUser user) {
        return kafka.assignments(recordKey(user)).flatMap(AssignmentsRecord::rule);
    }

    Optional<String> accountsOf(PortalUser user) {
        return kafka.assignments(recordKey(user))
                .map(record -> String.join(
                        ", ",
                        record.accounts().stream()
                                .map(held -> held.isDefault() ? "[" + held.account() + "]" : "" + held.account())
                                .toList()));
    }

    static RequestSpecification asAdmin() {
        return with(ADMIN_KEY);
    }

    RequestSpecification asPortal() {
        return with(key);
    }

    static RequestSpecification with(String key) {
        return given().header("Authorization", "Bearer " + key).contentType(ContentType.JSON);
    }

    ValidatableResponse assign(String kind, String principal, String... accounts) {
        return asAdmin()
                .body(body(kind, principal, accounts))
                .post(assignmentsPath())
                .then();
    }

    static Map<String, Object> body(String kind, String principal, String... accounts) {
        return Map.of("principal", Map.of("kind", kind, "id", principal), "accounts", List.of(accounts));
    }
}
