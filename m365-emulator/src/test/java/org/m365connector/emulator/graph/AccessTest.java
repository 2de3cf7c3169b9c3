package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

/** Who may call what, and how Graph says no. */
class AccessTest {

    private static final String CHANNEL = "/teams/" + Seed.TEAM_ID + "/channels/" + encoded(Seed.GENERAL_ID);

    private static Emulator emulator;
    private static GraphClientOfTests graph;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        graph = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    @Test
    void everyErrorHasGraphsBodyAndHeaders() {
        Answer answer = graph.get("", "/me", "client-request-id", "11111111-2222-3333-4444-555555555555");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.errorCode()).isEqualTo("InvalidAuthenticationToken");
        assertThat(answer.errorMessage()).isEqualTo("Access token is empty.");
        JsonNode inner = answer.json().path("error").path("innerError");
        assertThat(inner.path("date").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
        assertThat(inner.path("client-request-id").asText()).isEqualTo("11111111-2222-3333-4444-555555555555");
        assertThat(answer.header("request-id"))
                .contains(inner.path("request-id").asText());
        assertThat(answer.header("client-request-id")).contains("11111111-2222-3333-4444-555555555555");
        assertThat(answer.header("Date")).isPresent();
        assertThat(answer.header("x-ms-ags-diagnostic").orElseThrow()).contains("ServerInfo");
        assertThat(answer.header("WWW-Authenticate").orElseThrow()).startsWith("Bearer realm=\"\", authorization_uri=");
    }

    @Test
    void anExpiredAForeignAndABrokenTokenAreRefusedInTheirOwnWords() {
        String expired = graph.tokenOf(Seed.BEN);
        emulator.advance(Duration.ofHours(2));

        assertThat(graph.get(expired, "/me").errorMessage())
                .isEqualTo("Lifetime validation failed, the token is expired.");
        assertThat(graph.get(graph.appToken("https://management.azure.com", Set.of()), "/users")
                        .errorMessage())
                .isEqualTo("Access token validation failure. Invalid audience.");
        assertThat(graph.get("not-a-token", "/me").status()).isEqualTo(401);
    }

    @Test
    void meNeedsAUser() {
        for (String path : List.of("/me", "/me/messages", "/me/joinedTeams", "/ME/mailFolders/inbox/messages/delta")) {
            Answer answer = graph.get(graph.appToken(), path);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.errorCode()).isEqualTo("BadRequest");
            assertThat(answer.errorMessage())
                    .isEqualTo("/me request is only valid with delegated authentication flow.");
        }
    }

    @Test
    void eachServiceRefusesAMissingPermissionInItsOwnWords() {
        String poor = graph.tokenOf(Seed.BEN, Set.of("User.Read", "Mail.Read"));

        Answer teams = graph.post(poor, CHANNEL + "/messages", "{\"body\":{\"content\":\"Hi\"}}");
        assertThat(teams.status()).isEqualTo(403);
        assertThat(teams.errorCode()).isEqualTo("Forbidden");
        assertThat(teams.errorMessage())
                .isEqualTo("Missing scope permissions on the request. API requires one of 'ChannelMessage.Send,"
                        + " Group.ReadWrite.All'. Scopes on the request 'Mail.Read, User.Read'");
        Answer outlook = graph.post(poor, "/me/messages", "{\"subject\":\"Hi\"}");
        assertThat(outlook.status()).isEqualTo(403);
        assertThat(outlook.errorCode()).isEqualTo("ErrorAccessDenied");
        Answer directory = graph.get(poor, "/users");
        assertThat(directory.status()).isEqualTo(403);
        assertThat(directory.errorCode()).isEqualTo("Authorization_RequestDenied");
    }

    @Test
    void anAppCannotPostToAChannelWhateverItWasGranted() {
        for (Set<String> roles :
                List.of(Seed.APPLICATION_GRANTS, Set.of("Group.ReadWrite.All", "Teamwork.Migrate.All"))) {
            Answer answer = graph.post(graph.appToken(roles), CHANNEL + "/messages", "{\"body\":{\"content\":\"Hi\"}}");

            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.errorMessage()).contains("only for import purposes");
            emulator.advance(Duration.ofSeconds(2));
        }
        assertThat(graph.get(graph.appToken(), CHANNEL + "/messages").status()).isEqualTo(200);
    }

    @Test
    void aUserOpensHisOwnMailboxOnlyAnAppEveryOneOfItsTenant() {
        String ben = graph.tokenOf(Seed.BEN);

        assertThat(graph.get(ben, "/users/" + Seed.BEN + "/messages").status()).isEqualTo(200);
        assertThat(graph.get(ben, "/users/" + Seed.BEN_OID + "/messages").status())
                .isEqualTo(200);
        Answer others = graph.get(ben, "/users/" + Seed.ADA + "/messages");
        assertThat(others.status()).isEqualTo(403);
        assertThat(others.errorCode()).isEqualTo("ErrorAccessDenied");
        assertThat(graph.get(graph.appToken(), "/users/" + Seed.ADA + "/messages")
                        .status())
                .isEqualTo(200);
        assertThat(graph.get(graph.appToken(), "/users/" + Seed.DORA + "/messages")
                        .errorCode())
                .isEqualTo("ErrorInvalidUser");
        assertThat(graph.get(graph.appToken(), "/users/nobody@contoso.example/messages")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void userReadIsForOneselfOnly() {
        String ben = graph.tokenOf(Seed.BEN);

        assertThat(graph.get(ben, "/users/" + Seed.BEN).status()).isEqualTo(200);
        assertThat(graph.get(ben, "/users/" + Seed.ADA).errorCode()).isEqualTo("Authorization_RequestDenied");
        assertThat(graph.get(graph.tokenOf(Seed.BEN, Set.of("User.ReadBasic.All")), "/users/" + Seed.ADA)
                        .status())
                .isEqualTo(200);
        Answer unknown = graph.get(graph.appToken(), "/users/622eaaff-0683-4862-9de4-f2ec83c2bd98");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.errorCode()).isEqualTo("Request_ResourceNotFound");
    }

    @Test
    void aPersonalAccountHasMailButNeitherTeamsNorADirectory() {
        String dora = graph.tokenOf(Seed.DORA);

        assertThat(graph.get(dora, "/me").json().path("userPrincipalName").asText())
                .isEqualTo(Seed.DORA);
        assertThat(graph.get(dora, "/me/messages").status()).isEqualTo(200);
        assertThat(graph.get(dora, "/me/joinedTeams").status()).isEqualTo(403);
        assertThat(graph.get(dora, CHANNEL + "/messages").status()).isEqualTo(403);
        assertThat(graph.get(graph.tokenOf(Seed.DORA, Set.of("User.ReadBasic.All")), "/users")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void whoLeavesTheTeamIsOut() {
        String clara = graph.tokenOf(Seed.CLARA);
        assertThat(graph.get(clara, CHANNEL).status()).isEqualTo(200);

        graph.activity("{\"kind\":\"teamMember\",\"op\":\"delete\",\"user\":\"" + Seed.CLARA + "\"}");

        emulator.advance(Duration.ofSeconds(1));
        assertThat(graph.get(clara, CHANNEL + "/messages").status()).isEqualTo(403);
        emulator.advance(Duration.ofSeconds(1));
        assertThat(graph.post(clara, CHANNEL + "/messages", "{\"body\":{\"content\":\"Hi\"}}")
                        .status())
                .isEqualTo(403);
        assertThat(graph.get(clara, "/me/joinedTeams").json().path("value")).isEmpty();
        assertThat(graph.get(graph.tokenOf(Seed.BEN), "/me/joinedTeams")
                        .json()
                        .path("value")
                        .path(0)
                        .path("displayName")
                        .asText())
                .isEqualTo(Seed.TEAM_NAME);
    }

    @Test
    void namesMatchInAnyCaseIdsExactlyAndBothSyntaxesServe() {
        String ada = graph.tokenOf(Seed.ADA);
        JsonNode twins =
                graph.get(ada, "/me/messages?$select=id,subject&$top=50").json().path("value");
        List<JsonNode> found = twins.findParents("subject").stream()
                .filter(mail -> mail.path("subject").asText().contains("differ in case"))
                .toList();
        assertThat(found).hasSize(2);
        String one = found.get(0).path("id").asText();
        String other = found.get(1).path("id").asText();
        assertThat(one).isNotEqualTo(other).isEqualToIgnoringCase(other);

        assertThat(graph.get(ada, "/Me/MESSAGES/" + one).json().path("subject"))
                .isEqualTo(found.get(0).path("subject"));
        assertThat(graph.get(ada, "/me/messages('" + other + "')").json().path("subject"))
                .isEqualTo(found.get(1).path("subject"));
        assertThat(graph.get(ada, "/users('" + Seed.ADA_OID + "')/messages/" + encoded(other))
                        .id())
                .isEqualTo(other);
        assertThat(graph.get(ada, "/users/" + Seed.ADA_OID + "@" + Seed.TENANT_ID + "/messages/" + other)
                        .id())
                .isEqualTo(other);
        assertThat(graph.get(ada, "/me/messages/" + one.toLowerCase(java.util.Locale.ROOT))
                        .status())
                .isIn(400, 404);
        assertThat(graph.get(ada, "/me/mailFolders('Inbox')/messages").status()).isEqualTo(200);
        assertThat(graph.get(ada, "/me/mailfolders/INBOX/messages/delta()").status())
                .isEqualTo(200);
        assertThat(graph.get(ada, "/teams/" + Seed.TEAM_ID + "/channels/" + Seed.GENERAL_ID)
                        .id())
                .isEqualTo(Seed.GENERAL_ID);
        emulator.advance(Duration.ofSeconds(2));
        assertThat(graph.get(ada, "/teams('" + Seed.TEAM_ID + "')/channels('" + encoded(Seed.GENERAL_ID) + "')")
                        .id())
                .isEqualTo(Seed.GENERAL_ID);
        emulator.advance(Duration.ofSeconds(2));
        assertThat(graph.get(
                                ada,
                                "/teams/" + Seed.TEAM_ID + "/channels/"
                                        + encoded(Seed.GENERAL_ID.toLowerCase(java.util.Locale.ROOT)))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void unknownPathsMethodsAndVersionsAreToldApart() {
        String ben = graph.tokenOf(Seed.BEN);

        Answer segment = graph.get(ben, "/me/nonsense");
        assertThat(segment.status()).isEqualTo(400);
        assertThat(segment.errorMessage()).isEqualTo("Resource not found for the segment 'nonsense'.");
        Answer method = graph.delete(ben, "/me");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.errorMessage()).isEqualTo("Specified HTTP method is not allowed for the request target.");
        assertThat(graph.get(ben, emulator.httpBase() + "/beta/me").status()).isEqualTo(200);
        assertThat(graph.get(ben, "/me/messages/AAMkAGUwNjQ4ZjIxAAA=").errorCode())
                .isEqualTo("ErrorItemNotFound");
        assertThat(graph.get(ben, "/me/messages/42").errorCode()).isEqualTo("ErrorInvalidIdMalformed");
    }

    @Test
    void usersAreListedInPages() {
        Answer first = graph.get(graph.appToken(), "/users?$top=3&$select=userPrincipalName,displayName");

        assertThat(first.json().path("value")).hasSize(3);
        assertThat(first.json().path("value").path(0).size()).isEqualTo(2);
        String next = first.json().path("@odata.nextLink").asText();
        assertThat(next).startsWith(emulator.httpBase() + "/v1.0/users?").contains("skiptoken=");
        Answer second = graph.get(graph.appToken(), next);
        assertThat(second.json().path("value")).hasSize(1);
        assertThat(second.json().has("@odata.nextLink")).isFalse();
        assertThat(graph.get(
                                graph.appToken(),
                                "/users?$filter=" + encoded("userPrincipalName eq 'BEN@contoso.example'"))
                        .json()
                        .path("value")
                        .path(0)
                        .path("id")
                        .asText())
                .isEqualTo(Seed.BEN_OID);
        assertThat(graph.get(graph.appToken(), "/users?$top=1000").errorCode()).isEqualTo("Request_UnsupportedQuery");
    }
}
