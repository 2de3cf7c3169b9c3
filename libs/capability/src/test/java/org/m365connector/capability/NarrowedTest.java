package org.m365connector.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.capability.LoginKind.APP_ONLY;
import static org.m365connector.capability.LoginKind.DELEGATED_WORK;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.Narrowing;

class NarrowedTest {
    private static final String ADA = "ada00000-4a1d-4e0b-8f5e-5d0c1b6a7e01";

    private static final Narrowed OWN = new Narrowed(
            Optional.empty(),
            Optional.of(new Narrowed.Mailbox("Ada@contoso.example", Set.of("Ada@contoso.example", ADA))),
            Optional.empty(),
            Optional.empty());

    private static final Narrowed ONE_TEAM =
            new Narrowed(Optional.empty(), Optional.empty(), Optional.of(Set.of("T1")), Optional.empty());

    private static final Narrowed ONE_SITE = new Narrowed(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(Set.of("contoso.example,S1,W1")));

    private static final Narrowed NAMED = new Narrowed(
            Optional.of(List.of(
                    OperationTemplate.of("POST", "/me/sendMail"),
                    OperationTemplate.of("GET", "/teams/{id}/channels/**"))),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1.0/users/ada@CONTOSO.example/sendMail",
                "GET /v1.0/users/" + ADA + "/messages",
                "GET /v1.0/users('ada@contoso.example')/mailFolders/inbox/messages/delta()",
                "GET /v1.0/users/ada%40contoso.example/messages('AAMkAD=')",
                "GET /v1.0/users/ada@contoso.example/drive/root:/sites/user/x.txt:/content",
                "GET /v1.0/users/" + ADA + "/calendars/AAMkAG=/calendarView/delta",
                "GET /v1.0/users",
                "GET /v1.0/users/ben@contoso.example",
                "GET /v1.0/teams/T2/channels",
                "GET /v1.0/sites/other/lists",
            })
    void ownMailboxAndTheDirectoryStayOpen(String call) {
        assertThat(refusal(OWN, call, "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1.0/users/ben@contoso.example/sendMail",
                "GET /v1.0/users/ben@contoso.example/messages",
                "GET /v1.0/users('ben@contoso.example')/messages",
                "GET /v1.0/users(userPrincipalName='ben@contoso.example')/messages",
                "GET /v1.0/users/ben@contoso.example/calendars/AAMkAG=/calendarView/delta",
                "GET /v1.0/users/ada@contoso.example/manager/messages",
                "GET /v1.0/users/ada@contoso.example/memberOf/G/microsoft.graph.group/conversations",
                "GET /v1.0/users/ada@contoso.example/drive/items/I/createdByUser/messages",
                "GET /v1.0/teams/T/members/M/user/messages",
                "GET /v1.0/groups/G/members/M/microsoft.graph.user/messages",
                "GET /v1.0/groups/G/conversations",
                "GET /v1.0/drives/D/items/I/lastModifiedByUser/messages",
                "GET /v1.0/directoryObjects/D",
                "GET /v1.0/chats/C/messages",
                "POST /v1.0/search/query",
                "POST /v1.0/subscriptions",
                "POST /v1.0/$batch",
                "GET /v1.0/somethingNew",
                "PATCH /v1.0/users/ben@contoso.example",
            })
    void whatReachesOrMayReachAnotherMailboxIsRefused(String call) {
        assertThat(refusal(OWN, call, "")).isPresent();
    }

    @Test
    void whatIsExpandedCouldBeAnything() {
        assertThat(refusal(OWN, "GET /v1.0/users/ben@contoso.example", "$expand=messages"))
                .isPresent();
        assertThat(refusal(OWN, "GET /v1.0/users/ben@contoso.example", "%24%65xpand=messages"))
                .isPresent();
        assertThat(refusal(OWN, "GET /v1.0/users/ben@contoso.example", "$select=id"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$expand=group",
                "$EXPAND=filesFolder",
                "expand=filesFolder",
                "%24expand=filesFolder",
                "$select=id&$expand=members($expand=user)",
                "$expand=replies,filesFolder",
                "$expand=replies($expand=x)",
                "$expand=replies/hostedContents",
                "$expand=",
                "$expand=replies),group(",
                "$filter=x&%2524expand=group",
                "$expand=%zz",
            })
    void noExpansionLeadsAwayFromWhatIsAllowed(String query) {
        Narrowed oneCall = Narrowed.of(
                new Narrowing(
                        Optional.of(List.of(new Narrowing.Operation("GET", "/me"))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                Set.of());

        assertThat(refusal(ONE_TEAM, "GET /v1.0/teams/t1/channels/C", query)).isPresent();
        assertThat(refusal(ONE_SITE, "GET /v1.0/sites/contoso.example,S1,W1/lists/L/items", query))
                .isPresent();
        assertThat(oneCall.refusal(Operation.of("GET", "/v1.0/me"), LoginKind.DELEGATED_WORK, query))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$expand=singleValueExtendedProperties($filter=id eq 'String {0} Name a,b')",
                "$expand=replies,attachments",
                "$select=id&$top=5",
                "",
            })
    void partsOfTheResourceItselfMayBeExpanded(String query) {
        assertThat(refusal(OWN, "GET /v1.0/users/ada@contoso.example/messages", query))
                .isEmpty();
        assertThat(refusal(ONE_TEAM, "GET /v1.0/teams/t1/channels/C/messages", query))
                .isEmpty();
    }

    @Test
    void anotherPersonsMailboxSettingsAreNotReadAsAProperty() {
        assertThat(refusal(OWN, "GET /v1.0/users/ben@contoso.example", "$select=id,mailboxSettings"))
                .isPresent();
        assertThat(refusal(OWN, "GET /v1.0/users", "$select=displayName,mailbox%53ettings"))
                .isPresent();
    }

    @Test
    void whoseADriveIsItsIdDoesNotSay() {
        assertThat(refusal(OWN, "GET /v1.0/drives/D/root/children", "")).isPresent();
        assertThat(refusal(ONE_SITE, "GET /v1.0/drives/D/root/children", "")).isPresent();
        assertThat(refusal(ONE_TEAM, "GET /v1.0/drives/D/root/children", "")).isEmpty();
    }

    @Test
    void noMailboxIsNobodys() {
        Narrowed none = new Narrowed(
                Optional.empty(),
                Optional.of(new Narrowed.Mailbox("none", Set.of())),
                Optional.empty(),
                Optional.empty());

        assertThat(refusal(none, "GET /v1.0/users/none/messages", "")).isPresent();
        assertThat(refusal(none, "GET /v1.0/users/ada@contoso.example/messages", ""))
                .contains(new NotAllowed("mailbox", List.of("none")));
    }

    @Test
    void whoHeIsOneLearnsFromHisSignInAndBeforeThatFromThePortal() {
        Narrowing told = Narrowing.OWN_MAILBOX.withToldUpn("Ben@contoso.example");

        Narrowed before = Narrowed.of(told, Set.of());
        Narrowed after = Narrowed.of(told, Set.of("Ada@contoso.example", ADA));
        Narrowed nobody = Narrowed.of(Narrowing.OWN_MAILBOX, Set.of());

        assertThat(before.mailbox())
                .contains(new Narrowed.Mailbox("Ben@contoso.example", Set.of("ben@contoso.example")));
        assertThat(before.knowsObjectId()).isFalse();
        assertThat(after.mailbox())
                .contains(new Narrowed.Mailbox("Ada@contoso.example", Set.of("ada@contoso.example", ADA)));
        assertThat(after.knowsObjectId()).isTrue();
        assertThat(nobody.isOfSomebodyUnknown()).isTrue();
        assertThat(nobody.knowsObjectId()).isFalse();
        assertThat(before.isOfSomebodyUnknown()).isFalse();
    }

    @Test
    void mailboxThatAnAdministratorNamesIsThatOneWhoeverSignsIn() {
        Narrowing named = Narrowing.ofMailbox("Info@contoso.example");

        assertThat(Narrowed.of(named, Set.of("ada@contoso.example", ADA)).mailbox())
                .contains(new Narrowed.Mailbox("Info@contoso.example", Set.of("info@contoso.example")));
        assertThat(Narrowed.of(Narrowing.ofMailbox("ADA@contoso.example"), Set.of("ada@contoso.example", ADA))
                        .knowsObjectId())
                .isTrue();
        assertThat(Narrowed.of(Narrowing.ofMailbox("none"), Set.of("none", ADA)).mailbox())
                .contains(new Narrowed.Mailbox("none", Set.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1.0/teams/t1/channels/C/messages",
                "GET /v1.0/groups/T1/team/channels",
                "POST /v1.0/teams('T1')/channels",
                "GET /v1.0/users/ben@contoso.example/messages",
            })
    void teamsAreNarrowedById(String call) {
        assertThat(refusal(ONE_TEAM, call, "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1.0/teams/T2/channels",
                "GET /v1.0/teams",
                "POST /v1.0/teams",
                "GET /v1.0/groups/T2/team/channels",
                "GET /v1.0/users/ben@contoso.example/joinedTeams/T2/channels",
                "GET /v1.0/users/ben@contoso.example/chats",
                "GET /v1.0/chats",
                "GET /v1.0/teams/T1/incomingChannels/C/messages",
                "GET /v1.0/teams/T1/channels/C/sharedWithTeams/S/team/channels",
            })
    void otherTeamsAndChatsAreRefused(String call) {
        assertThat(refusal(ONE_TEAM, call, "")).isPresent();
    }

    @Test
    void sitesAreNarrowedById() {
        assertThat(refusal(ONE_SITE, "GET /v1.0/sites/contoso.example,S1,W1/lists/L/items", ""))
                .isEmpty();
        assertThat(refusal(ONE_SITE, "GET /v1.0/sites/contoso.example,S1,W1/drives", ""))
                .isEmpty();
        for (String call : List.of(
                "GET /v1.0/sites",
                "GET /v1.0/sites/root",
                "GET /v1.0/sites/contoso.example:/sites/other:/lists",
                "GET /v1.0/sites/contoso.example,S1,W1/sites/S2/lists",
                "GET /v1.0/sites/contoso.example,S1,W1/getByPath(path='/sites/other')/lists",
                "GET /v1.0/drives/D/root/children",
                "GET /v1.0/teams/T/channels/C/filesFolder",
                "GET /v1.0/users/ben@contoso.example/drive/root")) {
            assertThat(refusal(ONE_SITE, call, "")).as(call).isPresent();
        }
    }

    @Test
    void namedOperationsHoldForPeopleToo() {
        assertThat(NAMED.refusal(operation("POST /v1.0/me/sendMail"), DELEGATED_WORK, ""))
                .isEmpty();
        assertThat(NAMED.refusal(operation("GET /v1.0/teams/T/channels/C/messages"), DELEGATED_WORK, ""))
                .isEmpty();
        assertThat(NAMED.refusal(operation("GET /v1.0/me/messages"), DELEGATED_WORK, ""))
                .contains(new NotAllowed("operations", List.of("POST /me/sendmail", "GET /teams/{id}/channels/**")));
        assertThat(NAMED.refusal(operation("GET /v1.0/teams(displayName='x')/y/channels"), DELEGATED_WORK, ""))
                .isPresent();
    }

    @Test
    void peopleAreNarrowedByGraphItself() {
        assertThat(OWN.refusal(operation("GET /v1.0/users/ben@contoso.example/messages"), DELEGATED_WORK, ""))
                .isEmpty();
        assertThat(Narrowed.NOT.refusal(operation("POST /v1.0/search/query"), APP_ONLY, ""))
                .isEmpty();
    }

    @Test
    void refusalSaysWhatIsAllowed() {
        var refused = refusal(ONE_TEAM, "GET /v1.0/teams/T2/channels", "").orElseThrow();

        assertThat(refused.problem()).isEqualTo("not-allowed-by-assignment");
        assertThat(refused.allowed()).containsExactly("t1");
    }

    private static Optional<NotAllowed> refusal(Narrowed narrowed, String call, String query) {
        return narrowed.refusal(operation(call), APP_ONLY, query);
    }

    private static Operation operation(String call) {
        int space = call.indexOf(' ');
        return Operation.of(call.substring(0, space), call.substring(space + 1));
    }
}
