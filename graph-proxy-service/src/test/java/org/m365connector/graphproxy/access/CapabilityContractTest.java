package org.m365connector.graphproxy.access;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.Capability;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Operation;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/**
 * The suite's table of capabilities, row by row, against Graph's behaviour: what it calls possible works with each kind of
 * login, what it calls impossible is refused, although every permission that exists has been granted.
 */
class CapabilityContractTest {

    private static final String CHANNEL = "/teams/" + Seed.TEAM_ID + "/channels/" + encoded(Seed.GENERAL_ID);
    private static final String CHAT = "/chats/" + encoded(Seed.CHAT_ID);
    private static final String TEXT = "{\"body\":{\"content\":\"Hi\"}}";
    private static final String REACTION = "{\"reactionType\":\"like\"}";
    private static final String MYSELF = "{\"user\":{\"id\":\"{oid}\",\"tenantId\":\"" + Seed.TENANT_ID + "\"}}";
    private static final String APP = "/appCatalogs/teamsApps";

    /** What Graph says no with where the kind of login is the reason, and not the address or the content. */
    private static final Set<String> REFUSALS =
            Set.of("Forbidden", "PreconditionFailed", "ErrorAccessDenied", "Authorization_RequestDenied", "BadRequest");

    private static final String NOT_FOR_AN_APP = "/me request is only valid with delegated authentication flow.";

    /** More than any call needs, so that a missing permission is never the reason. */
    private static final Set<String> EVERY_PERMISSION = Set.of(
            "User.Read",
            "User.Read.All",
            "Directory.Read.All",
            "Organization.Read.All",
            "Group.ReadWrite.All",
            "Mail.ReadWrite",
            "Mail.Send",
            "Calendars.ReadWrite",
            "Calendars.Read.Shared",
            "Team.ReadBasic.All",
            "Channel.ReadBasic.All",
            "ChannelSettings.ReadWrite.All",
            "ChannelMessage.Send",
            "ChannelMessage.ReadWrite",
            "ChannelMessage.Read.All",
            "Chat.ReadWrite",
            "Chat.ReadWrite.All",
            "Chat.Read.All",
            "ChatMessage.Send",
            "Teamwork.Migrate.All",
            "AppCatalog.ReadWrite.All",
            "TeamsAppInstallation.ReadForUser",
            "TeamsAppInstallation.Read.All",
            "TeamsAppInstallation.ReadSelectedForTeam.All",
            "OnlineMeetings.ReadWrite",
            "OnlineMeetings.ReadWrite.All",
            "OnlineMeetingRecording.Read.All",
            "OnlineMeetingTranscript.Read.All",
            "Presence.Read",
            "Presence.Read.All",
            "Presence.ReadWrite",
            "TeamworkTargetedMessage.ReadWrite",
            "User.ReadWrite.All");

    /** One call of each row; {@code {user}} and {@code {oid}} are who calls, or whom the app calls about. */
    private static final Map<String, Sample> SAMPLES = Map.ofEntries(
            entry("POST /**/channels/{id}/messages", json(CHANNEL + "/messages", TEXT)),
            entry("POST /**/channels/{id}/messages/{id}/replies", json(CHANNEL + "/messages/{post}/replies", TEXT)),
            entry("POST /**/channels/{id}/messages/**/softdelete", json(CHANNEL + "/messages/{post}/softDelete", "{}")),
            entry(
                    "POST /**/channels/{id}/messages/**/undosoftdelete",
                    json(CHANNEL + "/messages/{post}/undoSoftDelete", "{}")),
            entry(
                    "POST /**/channels/{id}/messages/**/setreaction",
                    json(CHANNEL + "/messages/{post}/setReaction", REACTION)),
            entry(
                    "POST /**/channels/{id}/messages/**/unsetreaction",
                    json(CHANNEL + "/messages/{post}/unsetReaction", REACTION)),
            entry(
                    "POST /**/channels/{id}/messages/**/forwardtochat",
                    json(CHANNEL + "/messages/{post}/forwardToChat", "{\"targetChatIds\":[\"" + Seed.CHAT_ID + "\"]}")),
            entry("POST /**/chats/{id}/messages", json(CHAT + "/messages", TEXT)),
            entry(
                    "POST /**/chats/{id}/messages/forwardtochat",
                    json(
                            CHAT + "/messages/forwardToChat",
                            "{\"targetChatIds\":[\"" + Seed.CHAT_ID + "\"],\"messageIds\":[\"{chatMessage}\"]}")),
            entry(
                    "POST /**/chats/{id}/messages/replywithquote",
                    json(
                            CHAT + "/messages/replyWithQuote",
                            "{\"messageIds\":[\"{chatMessage}\"],\"replyMessage\":" + TEXT + "}")),
            entry(
                    "DELETE /users/{id}/chats/{id}/targetedmessages/{id}",
                    new Sample("DELETE", "/users/{user}" + CHAT + "/targetedMessages/{chatMessage}", "", "")),
            entry(
                    "POST /**/chats/{id}/messages/{id}/softdelete",
                    json("/users/{user}" + CHAT + "/messages/{chatMessage}/softDelete", "{}")),
            entry(
                    "POST /**/chats/{id}/messages/{id}/undosoftdelete",
                    json("/users/{user}" + CHAT + "/messages/{chatMessage}/undoSoftDelete", "{}")),
            entry(
                    "POST /**/chats/{id}/messages/{id}/setreaction",
                    json("/users/{user}" + CHAT + "/messages/{chatMessage}/setReaction", REACTION)),
            entry(
                    "POST /**/chats/{id}/messages/{id}/unsetreaction",
                    json("/users/{user}" + CHAT + "/messages/{chatMessage}/unsetReaction", REACTION)),
            entry("POST /**/chats/{id}/markchatreadforuser", json(CHAT + "/markChatReadForUser", MYSELF)),
            entry("POST /**/chats/{id}/markchatunreadforuser", json(CHAT + "/markChatUnreadForUser", MYSELF)),
            entry("POST /**/chats/{id}/hideforuser", json(CHAT + "/hideForUser", MYSELF)),
            entry("POST /**/chats/{id}/unhideforuser", json(CHAT + "/unhideForUser", MYSELF)),
            entry("POST /**/chats/{id}/removeallaccessforuser", json(CHAT + "/removeAllAccessForUser", MYSELF)),
            entry(
                    "POST /users/{id}/presence/clearautomaticlocation",
                    json("/users/{user}/presence/clearAutomaticLocation", "{}")),
            entry("POST /users/{id}/presence/clearlocation", json("/users/{user}/presence/clearLocation", "{}")),
            entry(
                    "POST /users/{id}/presence/setautomaticlocation",
                    json("/users/{user}/presence/setAutomaticLocation", "{\"workLocationType\":\"office\"}")),
            entry(
                    "POST /users/{id}/presence/setmanuallocation",
                    json("/users/{user}/presence/setManualLocation", "{\"workLocationType\":\"remote\"}")),
            entry("POST /teams/{id}/channels/{id}/startmigration", json(CHANNEL + "/startMigration", "{}")),
            entry("POST /teams/{id}/channels/{id}/completemigration", json(CHANNEL + "/completeMigration", "{}")),
            entry("POST /chats/{id}/startmigration", json(CHAT + "/startMigration", "{}")),
            entry("POST /chats/{id}/completemigration", json(CHAT + "/completeMigration", "{}")),
            entry("POST /chats/{id}/unhidechatforallusers", json(CHAT + "/unhideChatForAllUsers", "{}")),
            entry(
                    "GET /appcatalogs/teamsapps/{id}/installations",
                    get(APP + "/" + Seed.TEAMS_APP_ID + "/installations")),
            entry(
                    "GET /appcatalogs/teamsapps/{id}/appdefinitions/{id}/installations",
                    get(APP + "/" + Seed.TEAMS_APP_ID + "/appDefinitions/1/installations")),
            entry(
                    "GET /teams/{id}/channels/getallmessages",
                    get("/teams/" + Seed.TEAM_ID + "/channels/getAllMessages")),
            entry(
                    "GET /teams/{id}/channels/getallretainedmessages",
                    get("/teams/" + Seed.TEAM_ID + "/channels/getAllRetainedMessages")),
            entry("GET /users/{id}/chats/getallmessages", get("/users/{user}/chats/getAllMessages")),
            entry("GET /users/{id}/chats/getallretainedmessages", get("/users/{user}/chats/getAllRetainedMessages")),
            entry(
                    "GET /users/{id}/onlinemeetings/getallrecordings",
                    get("/users/{user}/onlineMeetings/getAllRecordings(meetingOrganizerUserId='{oid}')")),
            entry(
                    "GET /users/{id}/onlinemeetings/getalltranscripts",
                    get("/users/{user}/onlineMeetings/getAllTranscripts(meetingOrganizerUserId='{oid}')")),
            entry("POST /teams/{id}/channels/{id}/provisionemail", json(CHANNEL + "/provisionEmail", "{}")),
            entry("POST /teams/{id}/channels/{id}/removeemail", json(CHANNEL + "/removeEmail", "{}")),
            entry("POST /appcatalogs/teamsapps", zip(APP)),
            entry(
                    "POST /appcatalogs/teamsapps/{id}/appdefinitions",
                    zip(APP + "/" + Seed.TEAMS_APP_ID + "/appDefinitions")),
            entry("DELETE /appcatalogs/teamsapps/**", new Sample("DELETE", APP + "/" + Seed.TEAMS_APP_ID, "", "")),
            entry("* /teams/**", get("/teams/" + Seed.TEAM_ID)),
            entry("* /chats/**", get(CHAT)),
            entry("* /users/{id}/chats/**", get("/users/{user}/chats")),
            entry("* /users/{id}/joinedteams/**", get("/users/{user}/joinedTeams")),
            entry("* /users/{id}/teamwork/**", get("/users/{user}/teamwork/installedApps")),
            entry("* /users/{id}/onlinemeetings/**", json("/users/{user}/onlineMeetings", "{\"subject\":\"Hi\"}")),
            entry("* /users/{id}/presence/**", get("/users/{user}/presence")),
            entry("* /appcatalogs/**", get(APP)),
            entry("* /communications/**", json("/communications/getPresencesByUserId", "{\"ids\":[\"{oid}\"]}")),
            entry("* /groups/**", get("/groups")),
            entry("* /users", get("/users")),
            entry("DELETE /users/{id}", new Sample("DELETE", "/users/{colleague}", "", "")),
            entry("GET /users/delta", get("/users/delta")),
            entry("GET /users/{id}/memberof/**", get("/users/{user}/memberOf")),
            entry("GET /organization", get("/organization")),
            entry("POST /users/{id}/findmeetingtimes", json("/users/{user}/findMeetingTimes", "{}")),
            entry("POST /**/calendar/getschedule", json("/users/{user}/calendar/getSchedule", "{}")),
            entry("* /me/chats/**", get("/me/chats")),
            entry("* /me/joinedteams/**", get("/me/joinedTeams")),
            entry("* /me/teamwork/**", get("/me/teamwork/installedApps")),
            entry("* /me/onlinemeetings/**", json("/me/onlineMeetings", "{\"subject\":\"Hi\"}")),
            entry("* /me/presence/**", get("/me/presence")),
            entry("* /me/findmeetingtimes", json("/me/findMeetingTimes", "{}")),
            entry("GET /me/memberof/**", get("/me/memberOf")),
            entry("GET /me/manager", get("/me/manager")),
            entry("* /me/**", get("/me")),
            entry(
                    "POST /users/{id}/sendmail",
                    json(
                            "/users/{user}/sendMail",
                            "{\"message\":{\"subject\":\"Hi\",\"toRecipients\":[{\"emailAddress\":{\"address\":\""
                                    + Seed.ADA + "\"}}]}}")),
            entry("* /users/{id}/messages/**", get("/users/{user}/messages")),
            entry("* /users/{id}/mailfolders/**", get("/users/{user}/mailFolders")),
            entry("* /users/{id}/events/**", get("/users/{user}/events")),
            entry("* /users/{id}/calendars/**", get("/users/{user}/calendars")),
            entry("* /subscriptions/**", get("/subscriptions")));

    /** @param type of the body; empty where there is none */
    private record Sample(String method, String path, String type, String body) {}

    private static final String GRAPH = "https://graph.microsoft.com";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Emulator emulator;
    private static HttpClient http;
    private static final Capabilities CAPABILITIES = new Capabilities();

    private static Sample get(String path) {
        return new Sample("GET", path, "", "");
    }

    private static Sample json(String path, String body) {
        return new Sample("POST", path, "application/json", body);
    }

    private static Sample zip(String path) {
        return new Sample("POST", path, "application/zip", "PK");
    }

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        http = HttpClient.newHttpClient();
        String unthrottled = "{\"throttling\":{\"enabled\":false}}";
        assertThat(call("POST", "/_emulator/graph", "", "application/json", unthrottled)
                        .statusCode())
                .isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    static Stream<Arguments> everyRowWithEachLogin() {
        return Capabilities.table().stream()
                .flatMap(row -> Stream.of(LoginKind.values()).map(kind -> Arguments.of(row.operation(), kind, row)));
    }

    @ParameterizedTest(name = "{0} as {1}")
    @MethodSource("everyRowWithEachLogin")
    void whatIsPossibleWorksAndWhatIsImpossibleIsRefused(String operation, LoginKind kind, Capability row)
            throws IOException {
        assertThat(SAMPLES).as("no row goes unplayed").containsKey(operation);
        Sample sample = SAMPLES.get(operation);
        String path = filled(sample.path(), kind);

        Operation called = Operation.of(sample.method(), "/v1.0" + path);
        assertThat(row.matches(called)).as("the call is one of this row").isTrue();
        boolean possible = CAPABILITIES.impossible(called, kind).isEmpty();
        assertThat(possible)
                .as("no other row decides")
                .isEqualTo(row.possibleFor().contains(kind));

        HttpResponse<String> answer =
                call(sample.method(), "/v1.0" + path, token(kind), sample.type(), body(sample, kind));

        if (possible) {
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 204);
        } else {
            assertThat(answer.statusCode()).as(answer.body()).isIn(400, 401, 403, 412);
            JsonNode error = JSON.readTree(answer.body()).path("error");
            assertThat(REFUSALS).contains(error.path("code").asText());
            assertThat(error.path("code").asText().equals("BadRequest"))
                    .as("only /me without a person is a bad request")
                    .isEqualTo(error.path("message").asText().equals(NOT_FOR_AN_APP));
        }
    }

    private static final Map<LoginKind, String> COLUMNS = Map.of(
            LoginKind.APP_ONLY, "Application",
            LoginKind.DELEGATED_WORK, "DelegatedWork",
            LoginKind.DELEGATED_PERSONAL, "DelegatedPersonal");

    /** Where Microsoft's metadata knows a permission for a kind of login, the table may not call it impossible. */
    @Test
    void noRowForbidsWhatMicrosoftHasAPermissionFor() throws IOException {
        try (InputStream in = Emulator.class.getResourceAsStream("graph/protocol/permissions-by-call.json")) {
            JsonNode calls = JSON.readTree(in);
            Stream<String> contradictions = calls.properties().stream()
                    .filter(call -> !EXCEPTIONS.contains(call.getKey()))
                    .flatMap(call -> COLUMNS.entrySet().stream()
                            .filter(column ->
                                    call.getValue().path(column.getValue()).size() > 0)
                            .filter(column -> !isAppAsMe(call.getKey(), column.getKey()))
                            .filter(column -> CAPABILITIES
                                    .impossible(operation(call.getKey()), column.getKey())
                                    .isPresent())
                            .map(column -> call.getKey() + " " + column.getKey()));

            assertThat(contradictions).isEmpty();
        }
    }

    /**
     * The application permission of the first three is {@code Teamwork.Migrate.All}, good for a team in migration only. A
     * personal account has no team whose folder it could ask for.
     */
    private static final List<String> EXCEPTIONS = List.of(
            "POST /teams/{id}/channels/{id}/messages",
            "POST /teams/{id}/channels/{id}/messages/{id}/replies",
            "POST /chats/{id}/messages",
            "GET /teams/{id}/channels/{id}/filesfolder");

    /** The metadata lists application permissions for {@code /me} where one page serves both addresses; Graph refuses them. */
    private static boolean isAppAsMe(String call, LoginKind kind) {
        return kind == LoginKind.APP_ONLY && call.split(" ", -1)[1].startsWith("/me");
    }

    /** Where Microsoft's metadata knows no permission for a kind of login, and none was added here, a row says so. */
    @Test
    void whatMicrosoftHasNoPermissionForHasItsRow() throws IOException {
        try (InputStream metadata = Emulator.class.getResourceAsStream("graph/protocol/permissions-by-call.json");
                InputStream added = Emulator.class.getResourceAsStream("graph/protocol/permissions-added.json")) {
            JsonNode calls = new ObjectMapper().readTree(metadata);
            JsonNode more = new ObjectMapper().readTree(added);
            Stream<String> missing = calls.properties().stream()
                    .filter(call -> !METADATA_IS_WRONG.contains(call.getKey()))
                    .flatMap(call -> COLUMNS.entrySet().stream()
                            .filter(column ->
                                    call.getValue().path(column.getValue()).isEmpty()
                                            && more.path(call.getKey())
                                                    .path(column.getValue())
                                                    .isEmpty())
                            .filter(column -> CAPABILITIES
                                    .impossible(operation(call.getKey()), column.getKey())
                                    .isEmpty())
                            .map(column -> call.getKey() + " " + column.getKey()));

            assertThat(missing).isEmpty();
        }
    }

    /** The page of the call, and the metadata of all that leads to it, know what people need. */
    private static final Set<String> METADATA_IS_WRONG =
            Set.of("GET /chats/{id}/messages/{id}/hostedcontents/{id}/$value");

    private static Operation operation(String call) {
        String[] words = call.split(" ", -1);
        return Operation.of(words[0], "/v1.0" + words[1].replaceAll("[{}]", "").toLowerCase(Locale.ROOT));
    }

    private static String body(Sample sample, LoginKind kind) {
        String body = sample.body().replace("{oid}", oid(kind));
        return body.contains("{chatMessage}") ? body.replace("{chatMessage}", posted(CHAT)) : body;
    }

    private static HttpResponse<String> call(String method, String path, String token, String type, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(emulator.httpBase() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        return http.sendAsync(request.build(), BodyHandlers.ofString()).join();
    }

    private static String token(LoginKind kind) {
        return switch (kind) {
            case APP_ONLY -> tokenOfTheApp();
            case DELEGATED_WORK -> tokenOf(Seed.BEN);
            case DELEGATED_PERSONAL -> tokenOf(Seed.DORA);
        };
    }

    private static String tokenOf(String upn) {
        return emulator.ask(state -> state.tokenIssuer()
                .forUser(
                        GRAPH,
                        state.directory().app(Seed.CLIENT_ID).orElseThrow(),
                        true,
                        state.directory().user(upn).orElseThrow(),
                        EVERY_PERMISSION,
                        false,
                        false)
                .bearer());
    }

    private static String tokenOfTheApp() {
        return emulator.ask(state -> state.tokenIssuer()
                .forApp(
                        GRAPH,
                        state.directory().app(Seed.CLIENT_ID).orElseThrow(),
                        state.directory().tenant(Seed.TENANT_ID).orElseThrow(),
                        EVERY_PERMISSION,
                        false)
                .bearer());
    }

    private static String oid(LoginKind kind) {
        return kind == LoginKind.DELEGATED_PERSONAL ? Seed.DORA_OID : Seed.BEN_OID;
    }

    private static String filled(String path, LoginKind kind) {
        String filled = path.replace("{user}", oid(kind)).replace("{oid}", oid(kind));
        if (filled.contains("{post}")) {
            filled = filled.replace("{post}", posted(CHANNEL));
        }
        if (filled.contains("{colleague}")) {
            filled = filled.replace("{colleague}", hired());
        }
        return filled.contains("{chatMessage}") ? filled.replace("{chatMessage}", posted(CHAT)) : filled;
    }

    /** Somebody whom nobody else will miss. */
    private static String hired() {
        return made(
                "/users",
                token(LoginKind.APP_ONLY),
                "{\"displayName\":\"Emil\",\"userPrincipalName\":\"emil." + UUID.randomUUID() + "@contoso.example\"}");
    }

    /** By ben, so that he may take it back. */
    private static String posted(String where) {
        return made(where + "/messages", token(LoginKind.DELEGATED_WORK), TEXT);
    }

    /** The id of what was made there. */
    private static String made(String where, String token, String body) {
        HttpResponse<String> answer = call("POST", "/v1.0" + where, token, "application/json", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        try {
            return JSON.readTree(answer.body()).path("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8);
    }
}
