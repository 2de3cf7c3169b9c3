package org.m365connector.assignment.explanation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.assignment.assignment.Accounts;
import org.m365connector.assignment.assignment.Principal;
import org.m365connector.assignment.assignment.Rule;
import org.m365connector.assignment.assignment.Standing;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.LoginMode;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalUser;

class ExplanationTest {
    private static final PortalUser ADA = new PortalUser("ADA");
    private static final Rule OWN = rule(Principal.user(ADA), AccountName.SERVICE, AccountName.CURRENT_USER);
    private static final Rule EVERYBODY = rule(Principal.DEFAULT, AccountName.CURRENT_USER);

    private static final Standing UNKNOWN = new Standing(Optional.empty(), Optional.empty(), Optional.empty(), false);

    private static final OperationExplanation.Login SERVICE =
            new OperationExplanation.Login(AccountName.SERVICE, LoginKind.APP_ONLY, Narrowed.NOT);
    private static final OperationExplanation.Login PERSON =
            new OperationExplanation.Login(AccountName.CURRENT_USER, LoginKind.DELEGATED_WORK, Narrowed.NOT);
    private static final OperationExplanation.Login PRIVATE_PERSON =
            new OperationExplanation.Login(new AccountName("private"), LoginKind.DELEGATED_PERSONAL, Narrowed.NOT);

    @Test
    void firstRuleDecidesAndItsDefaultActs() {
        var explanation = Explanation.of(ADA, Optional.empty(), standing(OWN, EVERYBODY));

        assertThat(explanation.account()).contains(AccountName.SERVICE);
        assertThat(explanation.loginMode()).contains(LoginMode.SERVICE);
        assertThat(explanation.rule()).contains(OWN);
        assertThat(explanation.overridden()).containsExactly(new Overridden(EVERYBODY, Overridden.Why.LESS_SPECIFIC));
        assertThat(explanation.problem()).isEmpty();
    }

    @Test
    void accountThatIsNamedActsIfItIsAssigned() {
        var explanation = Explanation.of(ADA, Optional.of(AccountName.CURRENT_USER), standing(OWN, EVERYBODY));

        assertThat(explanation.account()).contains(AccountName.CURRENT_USER);
    }

    @Test
    void refusalsHaveTheSlugThatACallWouldGet() {
        assertThat(Explanation.of(ADA, Optional.empty(), UNKNOWN).problem()).contains("portal-user-unknown");
        assertThat(Explanation.of(ADA, Optional.empty(), standing()).problem()).contains("not-assigned");
        var notHis = Explanation.of(ADA, Optional.of(AccountName.SERVICE), standing(EVERYBODY));
        assertThat(notHis.problem()).contains("account-not-assigned");
        assertThat(notHis.available()).containsExactly(AccountName.CURRENT_USER);
        assertThat(notHis.account()).isEmpty();
    }

    @Test
    void whileAChangeIsUnderWayBothAreSaid() {
        var before = Optional.of(List.of(
                new AssignmentsRecord.Account(AccountName.SERVICE, true, Optional.of(Narrowing.ofMailbox("none")))));
        var after = Optional.of(OWN.accounts().forRecord(Optional.empty()));

        var explanation =
                Explanation.of(ADA, Optional.empty(), new Standing(Optional.of(List.of(OWN)), before, after, false));
        var named = Explanation.of(
                ADA,
                Optional.of(AccountName.CURRENT_USER),
                new Standing(Optional.of(List.of(OWN)), before, after, false));

        assertThat(explanation.account()).contains(AccountName.SERVICE);
        assertThat(explanation.available()).containsExactly(AccountName.SERVICE);
        assertThat(explanation.narrowing()).as("as it is obeyed").contains(Narrowing.ofMailbox("none"));
        assertThat(explanation.rule()).as("as it has been decided").contains(OWN);
        assertThat(explanation.pending())
                .contains(new Choice(
                        Optional.of(AccountName.SERVICE),
                        List.of(AccountName.SERVICE, AccountName.CURRENT_USER),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(named.problem()).contains("account-not-assigned");
        assertThat(named.pending().orElseThrow().problem()).isEmpty();
    }

    @Test
    void whoIsComingOrGoingIsSaidToBe() {
        var his = Optional.of(OWN.accounts().forRecord(Optional.empty()));

        var coming = Explanation.of(
                ADA, Optional.empty(), new Standing(Optional.of(List.of(OWN)), Optional.empty(), his, false));
        var going = Explanation.of(ADA, Optional.empty(), new Standing(Optional.empty(), his, Optional.empty(), false));
        var onItsWay = Explanation.of(ADA, Optional.empty(), new Standing(Optional.of(List.of(OWN)), his, his, true));

        assertThat(coming.problem()).contains("portal-user-unknown");
        assertThat(coming.pending().orElseThrow().account()).contains(AccountName.SERVICE);
        assertThat(going.problem()).isEmpty();
        assertThat(going.rule()).isEmpty();
        assertThat(going.pending().orElseThrow().problem()).contains("portal-user-unknown");
        assertThat(onItsWay.pending()).isPresent();
        assertThat(Explanation.of(ADA, Optional.empty(), standing(OWN)).pending())
                .isEmpty();
    }

    @Test
    void ofTwoGroupsTheFirstByNameDecides() {
        var first = rule(new Principal(Principal.Kind.GROUP, "Editors"), AccountName.CURRENT_USER);
        var second = rule(new Principal(Principal.Kind.GROUP, "Sales"), AccountName.SERVICE);

        assertThat(Explanation.of(ADA, Optional.empty(), standing(first, second))
                        .overridden())
                .containsExactly(new Overridden(second, Overridden.Why.FARTHER_OR_LATER));
    }

    @Test
    void operationThatTheAppCannotDoComesWithWhoCan() {
        var asked = AskedOperation.parse("POST /v1.0/teams/T/channels/C/messages");

        var explained = OperationExplanation.of(asked, SERVICE, List.of(SERVICE, PERSON, PRIVATE_PERSON));

        assertThat(explained.operation()).isEqualTo("POST /teams/T/channels/C/messages");
        assertThat(explained.isPossible()).isFalse();
        assertThat(explained.problem()).contains("app-only-not-supported");
        assertThat(explained.row()).contains("POST /**/channels/{id}/messages");
        assertThat(explained.instead()).contains("X-M365-Account: current-user | {static account}");
        assertThat(explained.alternatives()).containsExactly(PERSON.account());
    }

    @Test
    void operationThatTheAssignmentDoesNotAllowComesWithWhatItDoes() {
        var narrowed = new OperationExplanation.Login(
                AccountName.SERVICE,
                LoginKind.APP_ONLY,
                Narrowed.of(Narrowing.OWN_MAILBOX, Set.of("ada@contoso.example")));

        var own = OperationExplanation.of(
                AskedOperation.parse("POST /users/ada@contoso.example/sendMail"), narrowed, List.of(narrowed));
        var other = OperationExplanation.of(
                AskedOperation.parse("GET /users/ben@contoso.example/messages?$top=1"),
                narrowed,
                List.of(narrowed, PERSON));

        assertThat(own.isAllowed()).isTrue();
        assertThat(other.isPossible()).isTrue();
        assertThat(other.isAllowed()).isFalse();
        assertThat(other.narrowedBy()).contains("mailbox");
        assertThat(other.problem()).contains("not-allowed-by-assignment");
        assertThat(other.alternatives()).containsExactly(PERSON.account());
    }

    @Test
    void problemOfTheOperationIsThatOfTheCall() {
        var explanation = Explanation.of(ADA, Optional.empty(), standing(OWN));
        var impossible = OperationExplanation.of(AskedOperation.parse("GET /me/messages"), SERVICE, List.of(SERVICE));

        assertThat(explanation.about(impossible).problem()).contains("app-only-not-supported");
        assertThat(explanation.about(impossible).notEntitled().problem()).contains("not-entitled");
    }

    @ParameterizedTest
    @CsvSource({
        "GET //me, empty-segment",
        "GET /users/../me, dot-segment",
        "GET /users/%2e%2E/me, dot-segment",
        "GET /me%2Fmessages, encoded-slash",
        "GET /me%252Fmessages, encoded-twice",
        "GET /me/%zz, encoding",
        "GET /m\u00e9, character",
        "GET /me?a#b, character",
        "GET /v2.0/me, version",
        "GET /V1.0/me, version",
        "GET /%62eta/me, version",
        "GET /$batch, batch",
        "POST /me/$batch, batch",
        "POST /$batch;x=1, batch",
    })
    void addressThatTheProxyTakesFromNobodyIsNoOperation(String asked, String reason) {
        var explained = OperationExplanation.of(AskedOperation.parse(asked), PERSON, List.of(PERSON, SERVICE));

        assertThat(explained.problem()).contains("path-not-allowed");
        assertThat(explained.reason()).contains(reason);
        assertThat(explained.isPossible()).isFalse();
        assertThat(explained.isAllowed()).isFalse();
        assertThat(explained.alternatives()).isEmpty();
    }

    @Test
    void ofABatchEachRequestInsideIsJudgedByItself() {
        var narrowed = new OperationExplanation.Login(
                AccountName.SERVICE, LoginKind.APP_ONLY, Narrowed.of(Narrowing.ofMailbox("none"), Set.of()));

        for (var asked : List.of("POST /$batch", "POST /beta/$batch", "POST /v1.0/%24batch")) {
            var explained = OperationExplanation.of(AskedOperation.parse(asked), narrowed, List.of(narrowed, PERSON));

            assertThat(explained.eachInside()).as(asked).isTrue();
            assertThat(explained.isAllowed()).isTrue();
            assertThat(explained.problem()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/me/messages", "GET", "GET me", "GRAB /me", "GET /me /x", "GET  /me", "", "get /me"})
    void whatIsNoMethodAndPathIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AskedOperation.parse(text));
    }

    /** Of somebody to whom all has come that has changed. */
    private static Standing standing(Rule... rules) {
        var accounts = Optional.of(List.of(rules).stream()
                .findFirst()
                .map(rule -> rule.accounts().forRecord(Optional.empty()))
                .orElse(List.of()));
        return new Standing(Optional.of(List.of(rules)), accounts, accounts, false);
    }

    private static Rule rule(Principal principal, AccountName... accounts) {
        return new Rule(UUID.randomUUID(), principal, new Accounts(List.of(accounts), accounts[0]));
    }
}
