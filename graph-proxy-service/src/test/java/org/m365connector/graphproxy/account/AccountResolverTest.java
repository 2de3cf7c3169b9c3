package org.m365connector.graphproxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.access.Caller;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.capability.Operation;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;

class AccountResolverTest {

    private static final PortalId DEMO = new PortalId("demo");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalUser ADA = new PortalUser("ADA");
    private static final Caller PORTAL = new Caller.Portal(DEMO);
    private static final Caller SERVICE = new Caller.Service();

    private final Map<String, AssignmentsRecord> assignments = new HashMap<>();
    private final Map<String, AccountRecord> accounts = new HashMap<>();

    @Test
    void defaultAccountActsWhereNoneIsNamed() {
        assign(ADA, "current-user*", "service");

        assertThat(resolve(PORTAL, "ADA", null).id()).isEqualTo(AccountId.ofUser(ADA));
    }

    @Test
    void namedAccountActsWhereItIsAssigned() {
        assign(ADA, "current-user*", "service", "notices");

        assertThat(resolve(PORTAL, "ADA", "service").id()).isEqualTo(AccountId.SERVICE);
        assertThat(resolve(PORTAL, "ADA", "notices").id().value()).isEqualTo("static:notices");
        assertThat(resolve(PORTAL, "ADA", "notices").available()).hasSize(3);
    }

    @Test
    void otherAccountIsRefusedNamingThoseThatMayBeUsed() {
        assign(ADA, "current-user*", "notices");

        ProblemException refusal = refusal(PORTAL, "ADA", "service");

        assertThat(refusal.type().slug()).isEqualTo("account-not-assigned");
        assertThat(Problems.body(refusal))
                .containsEntry("available", List.of(AccountName.CURRENT_USER, new AccountName("notices")));
    }

    @Test
    void severalAccountsWithoutADefaultNeedAName() {
        assign(ADA, "current-user", "notices");

        assertThat(refusal(PORTAL, "ADA", null).type().slug()).isEqualTo("account-not-named");
    }

    @Test
    void nothingAssignedIsTold() {
        assign(ADA);

        assertThat(refusal(PORTAL, "ADA", null).type().slug()).isEqualTo("not-assigned");
    }

    @Test
    void userWithoutARecordIsUnknownEvenIfThereIsADefaultRecord() {
        assign(AssignmentsRecord.DEFAULT, "current-user*");

        assertThat(refusal(PORTAL, "EVE", null).type().slug()).isEqualTo("portal-user-unknown");
        assertThat(refusal(PORTAL, "default", null).type().slug()).isEqualTo("portal-user-unknown");
    }

    @Test
    void portalUserIdsAreCaseSensitive() {
        assign(ADA, "current-user*");

        assertThat(refusal(PORTAL, "ada", null).type().slug()).isEqualTo("portal-user-unknown");
    }

    @Test
    void portalHasToNameTheUserAlsoForTheServiceAccount() {
        assertThat(refusal(PORTAL, null, null).type().slug()).isEqualTo("portal-user-missing");
        assertThat(refusal(PORTAL, null, "service").type().slug()).isEqualTo("portal-user-missing");
    }

    @Test
    void serviceMayUseAnAccountThatIsNobodys() {
        assertThat(resolve(SERVICE, null, "service").id()).isEqualTo(AccountId.SERVICE);
        assertThat(resolve(SERVICE, null, "notices").id().value()).isEqualTo("static:notices");
        assertThat(refusal(SERVICE, null, "current-user").type().slug()).isEqualTo("portal-user-missing");
        assertThat(refusal(SERVICE, null, null).type().slug()).isEqualTo("portal-user-missing");
    }

    @Test
    void serviceThatNamesAUserIsBoundToHisAssignments() {
        assign(ADA, "current-user*");

        assertThat(refusal(SERVICE, "ADA", "service").type().slug()).isEqualTo("account-not-assigned");
    }

    @Test
    void twoDifferentUsersInOneRequestAreRefused() {
        assign(ADA, "current-user*");

        ProblemException refusal = catchThrowableOfType(
                ProblemException.class, () -> resolver().resolve(PORTAL, DEMO, MAIN, Optional.of(ADA), "EVE", null));

        assertThat(refusal.type().slug()).isEqualTo("invalid-request");
        assertThat(resolver()
                        .resolve(PORTAL, DEMO, MAIN, Optional.of(ADA), "ADA", null)
                        .id())
                .isEqualTo(AccountId.ofUser(ADA));
    }

    @Test
    void malformedHeadersAreRefused() {
        assertThat(refusal(PORTAL, "a b", null).type().slug()).isEqualTo("invalid-request");
        assertThat(refusal(PORTAL, "ADA", "a b").type().slug()).isEqualTo("invalid-request");
    }

    @Test
    void stateOfTheAccountDecidesWhichTokensWillDo() {
        assign(ADA, "current-user*");
        assertThat(resolve(PORTAL, "ADA", null).oldestGeneration()).isZero();

        account(AccountState.READY, 3, AccountType.WORK);
        assertThat(resolve(PORTAL, "ADA", null).oldestGeneration()).isEqualTo(3);
        assertThat(resolve(PORTAL, "ADA", null).kind()).isEqualTo(LoginKind.DELEGATED_WORK);

        account(AccountState.NEEDS_LOGIN, 3, AccountType.PERSONAL);
        assertThat(resolve(PORTAL, "ADA", null).oldestGeneration()).isEqualTo(4);
        assertThat(resolve(PORTAL, "ADA", null).kind()).isEqualTo(LoginKind.DELEGATED_PERSONAL);
    }

    @Test
    void ownMailboxIsThatOfTheAccountThatThePortalUserHasSignedInWith() {
        assignNarrowed(Narrowing.OWN_MAILBOX);
        assertThat(refused("GET /v1.0/users/ada@contoso.example/messages")).isTrue();

        account(AccountState.READY, 1, AccountType.WORK);

        assertThat(refused("GET /v1.0/users/Ada@Contoso.example/messages")).isFalse();
        assertThat(refused("GET /v1.0/users/oid-of-ada/messages")).isFalse();
        assertThat(refused("GET /v1.0/users/ben@contoso.example/messages")).isTrue();
    }

    @Test
    void ownMailboxIsWhatThePortalTellsOnlyUntilItsUserHasSignedIn() {
        assignNarrowed(Narrowing.OWN_MAILBOX.withToldUpn("Ben@contoso.example"));
        assertThat(refused("GET /v1.0/users/ben@contoso.example/messages")).isFalse();
        assertThat(refused("GET /v1.0/users/ada@contoso.example/messages")).isTrue();

        // When it turns out that it is ada who signs in for him
        account(AccountState.READY, 1, AccountType.WORK);

        assertThat(refused("GET /v1.0/users/ben@contoso.example/messages")).isTrue();
        assertThat(refused("GET /v1.0/users/ada@contoso.example/messages")).isFalse();
        assertThat(refused("GET /v1.0/users/oid-of-ada/messages")).isFalse();

        // And signing out makes nobody another person
        account(AccountState.GONE, 2, AccountType.WORK);
        assertThat(refused("GET /v1.0/users/ben@contoso.example/messages")).isTrue();
    }

    @Test
    void recordFromBeforeThatSaysTheOwnMailboxByItsNameIsObeyed() {
        assignNarrowed(Narrowing.ofMailbox("ada@contoso.example"));
        account(AccountState.READY, 1, AccountType.WORK);

        assertThat(refused("GET /v1.0/users/oid-of-ada/messages")).isFalse();
        assertThat(refused("GET /v1.0/users/ben@contoso.example/messages")).isTrue();
    }

    @Test
    void mailboxByNameIsThatOneAndByIdOnlyIfItIsHisOwn() {
        assignNarrowed(Narrowing.ofMailbox("ADA@contoso.example"));
        assertThat(refused("GET /v1.0/users/ada@contoso.example/messages")).isFalse();
        assertThat(refused("GET /v1.0/users/oid-of-ada/messages")).isTrue();

        account(AccountState.READY, 1, AccountType.WORK);

        assertThat(refused("GET /v1.0/users/oid-of-ada/messages")).isFalse();
    }

    @Test
    void serviceThatNamesNobodyIsNotNarrowed() {
        assertThat(resolve(SERVICE, null, "service").narrowed()).isEqualTo(Narrowed.NOT);
    }

    @Test
    void processesOfAPortalWithoutAUserRunAsItsTechnicalUser() {
        assign(ADA, "current-user*");
        AssignmentsRecord everybody = new AssignmentsRecord(
                DEMO, MAIN, AssignmentsRecord.DEFAULT, 1, List.of(), Optional.of(ADA), Optional.empty());
        assignments.put(everybody.key(), everybody);

        assertThat(resolve(PORTAL, null, null).id()).isEqualTo(AccountId.ofUser(ADA));
        assertThat(refusal(PORTAL, null, "service").type().slug()).isEqualTo("account-not-assigned");
        assertThat(refusal(SERVICE, null, null).type().slug()).isEqualTo("portal-user-missing");
    }

    private boolean refused(String call) {
        int space = call.indexOf(' ');
        Operation operation = Operation.of(call.substring(0, space), call.substring(space + 1));
        ActingAccount account = resolve(PORTAL, "ADA", "service");
        return account.narrowed().refusal(operation, account.kind(), "").isPresent();
    }

    private void assignNarrowed(Narrowing narrowing) {
        AssignmentsRecord record = new AssignmentsRecord(
                DEMO,
                MAIN,
                ADA,
                1,
                List.of(new AssignmentsRecord.Account(AccountName.SERVICE, true, Optional.of(narrowing))));
        assignments.put(record.key(), record);
    }

    private void assign(PortalUser user, String... names) {
        List<AssignmentsRecord.Account> assigned = List.of(names).stream()
                .map(name -> new AssignmentsRecord.Account(new AccountName(name.replace("*", "")), name.endsWith("*")))
                .toList();
        AssignmentsRecord record = new AssignmentsRecord(DEMO, MAIN, user, 1, assigned);
        assignments.put(record.key(), record);
    }

    private void account(AccountState state, long generation, AccountType type) {
        AccountRecord record = new AccountRecord(
                DEMO,
                MAIN,
                AccountId.ofUser(ADA),
                1,
                state,
                Optional.empty(),
                Optional.of("ada@contoso.example"),
                Optional.empty(),
                Optional.of("oid-of-ada"),
                Optional.of(type),
                generation);
        accounts.put(record.key(), record);
    }

    private AccountResolver resolver() {
        return new AccountResolver(
                key -> Optional.ofNullable(assignments.get(key)), key -> Optional.ofNullable(accounts.get(key)));
    }

    private ActingAccount resolve(Caller caller, String user, String account) {
        return resolver().resolve(caller, DEMO, MAIN, Optional.empty(), user, account);
    }

    private ProblemException refusal(Caller caller, String user, String account) {
        return catchThrowableOfType(ProblemException.class, () -> resolve(caller, user, account));
    }
}
