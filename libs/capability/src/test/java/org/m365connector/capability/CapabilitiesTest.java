package org.m365connector.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.m365connector.capability.LoginKind.APP_ONLY;
import static org.m365connector.capability.LoginKind.DELEGATED_PERSONAL;
import static org.m365connector.capability.LoginKind.DELEGATED_WORK;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.AccountName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;

class CapabilitiesTest {

    private final Capabilities capabilities = new Capabilities();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1.0/teams/T/channels/19:X/messages",
                "POST /v1.0/teams/T/primaryChannel/messages",
                "POST /v1.0/teams/T/primaryChannel/messages/1/replies/2/setReaction",
                "POST /beta/teams/T/channels/19%3AX/messages/1/replies",
                "POST /v1.0/Teams('T')/Channels('19:X')/Messages",
                "POST /v1.0/groups/G/team/channels/19:X/messages",
                "POST /v1.0/teams/T/channels/19:X/messages/1/replies/2/setReaction",
                "POST /v1.0/teams/T/channels/19:X/messages/1/microsoft.graph.softDelete",
                "POST /v1.0/chats/C/messages",
                "POST /v1.0/chats/C/messages/",
                "POST /v1.0/users/U/chats/C/messages",
                "POST /v1.0/chats/C/messages/forwardToChat",
                "POST /v1.0/users/U/chats/C/messages/forwardToChat",
                "POST /v1.0/chats/C/messages/microsoft.graph.replyWithQuote",
                "DELETE /v1.0/users/U/chats/C/targetedMessages/1",
                "POST /v1.0/users/U/presence/clearLocation",
                "POST /v1.0/chats/C/markChatReadForUser",
                "POST /v1.0/users/U/findMeetingTimes",
                "GET /v1.0/me",
                "GET /v1.0/ME/messages",
                "GET /v1.0/%6De/messages",
                "POST /v1.0/me/sendMail",
                "GET /v1.0/me/chats",
            })
    void appCannotDoWhatNeedsAPerson(String call) {
        assertThat(refusal(call, APP_ONLY).type().slug()).isEqualTo("app-only-not-supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1.0/teams/T/channels/19:X/messages",
                "GET /v1.0/teams/T/channels/19:X/messages/delta()",
                "POST /v1.0/teams/T/channels",
                "PATCH /v1.0/teams/T/channels/19:X/messages/1",
                "GET /v1.0/teams/T/channels/getAllMessages",
                "POST /v1.0/teams/T/channels/19:X/startMigration",
                "POST /v1.0/users/U/presence/setPresence",
                "DELETE /v1.0/users/U",
                "POST /v1.0/chats",
                "POST /v1.0/users/U/sendMail",
                "GET /v1.0/users/me@contoso.example/messages",
                "POST /v1.0/subscriptions",
                "GET /v1.0/somethingNew",
                "GET /v1.0",
            })
    void appCanDoTheRest(String call) {
        assertAllowed(call, APP_ONLY);
    }

    @ParameterizedTest
    @CsvSource({
        "GET /v1.0/me/joinedTeams, personal-not-supported",
        "GET /v1.0/teams/T, personal-not-supported",
        "POST /v1.0/chats/C/messages, personal-not-supported",
        "GET /v1.0/users, personal-not-supported",
        "POST /v1.0/users, personal-not-supported",
        "DELETE /v1.0/users/U, personal-not-supported",
        "GET /v1.0/groups/G/members, personal-not-supported",
        "POST /v1.0/me/onlineMeetings, personal-not-supported",
        "POST /v1.0/me/calendar/getSchedule, personal-not-supported",
    })
    void personalAccountsHaveNoTeamsAndNoDirectory(String call, String slug) {
        assertThat(refusal(call, DELEGATED_PERSONAL).type().slug()).isEqualTo(slug);
    }

    @Test
    void personalAccountsHaveMailCalendarAndFiles() {
        assertAllowed("GET /v1.0/me", DELEGATED_PERSONAL);
        assertAllowed("POST /v1.0/me/sendMail", DELEGATED_PERSONAL);
        assertAllowed("GET /v1.0/me/calendarView", DELEGATED_PERSONAL);
        assertAllowed("GET /v1.0/me/drive/root/children", DELEGATED_PERSONAL);
    }

    @Test
    void onlyTheAppReadsAllMessages() {
        assertThat(refusal("GET /v1.0/users/U/chats/getAllMessages(model='A')", DELEGATED_WORK)
                        .type()
                        .slug())
                .isEqualTo("delegated-not-supported");
        assertThat(refusal("POST /v1.0/chats/C/completeMigration", DELEGATED_WORK)
                        .type()
                        .slug())
                .isEqualTo("delegated-not-supported");
        assertAllowed("POST /v1.0/teams/T/channels/19:X/messages", DELEGATED_WORK);
        assertAllowed("GET /v1.0/me", DELEGATED_WORK);
    }

    @Test
    void refusalSaysWhatToDoInstead() {
        ProblemException posting = refusal("POST /v1.0/teams/T/channels/C/messages", APP_ONLY);
        ProblemException me = refusal("GET /v1.0/me/chats", APP_ONLY);

        assertThat(Problems.body(posting))
                .containsEntry("operation", "POST /**/channels/{id}/messages")
                .containsEntry("instead", "X-M365-Account: current-user | {static account}")
                .containsEntry("available", List.of(AccountName.SERVICE));
        assertThat(Problems.body(me)).containsEntry("instead", "/users/{id | userPrincipalName}/…");
        assertThat(Problems.body(posting).get("detail").toString()).contains("POST /**/channels/{id}/messages");
    }

    @Test
    void tableIsShownByLoginModeAndAccountType() {
        Map<String, Object> table = capabilities.describe();

        assertThat(table).containsEntry("otherwise", "graph-decides");
        assertThat(table.get("capabilities").toString())
                .contains("operation=POST /**/channels/{id}/messages")
                .contains("operation=* /me/**");
    }

    private void assertAllowed(String call, LoginKind kind) {
        assertThatCode(() -> capabilities.check(operation(call), kind, List.of()))
                .doesNotThrowAnyException();
    }

    private ProblemException refusal(String call, LoginKind kind) {
        return catchThrowableOfType(
                ProblemException.class, () -> capabilities.check(operation(call), kind, List.of(AccountName.SERVICE)));
    }

    private static Operation operation(String call) {
        int space = call.indexOf(' ');
        return Operation.of(call.substring(0, space), call.substring(space + 1));
    }
}
