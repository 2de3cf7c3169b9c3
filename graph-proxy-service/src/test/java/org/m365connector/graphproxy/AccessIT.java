package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.Entitlement;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalState;
import org.m365connector.events.RegistrationState;
import org.m365connector.view.Views;

/** Who gets which answer before Graph is asked. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class AccessIT {

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private int askedBefore;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*", "service")
                .assign("BEN", "current-user*")
                .assign("CLARA")
                .token("user:ADA", "token-of-ada")
                .token("user:BEN", "token-of-ben")
                .token("service", "token-of-the-app");
        askedBefore = world.upstream().count();
    }

    @Test
    void portalUserActsUnderHisOwnAccount() throws Exception {
        HttpResponse<String> answer = send(portal.request("ADA", "/v1.0/me/messages/own"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seenAuthorization("/v1.0/me/messages/own")).isEqualTo("Bearer token-of-ada");
    }

    @Test
    void headerNamesAnotherAssignedAccount() throws Exception {
        HttpResponse<String> answer =
                send(portal.request("ADA", "/v1.0/users/u/messages/named").header("X-M365-Account", "service"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seenAuthorization("/v1.0/users/u/messages/named")).isEqualTo("Bearer token-of-the-app");
    }

    @Test
    void portalUserMayStandInThePathAndTheKeyMayBeABearer() throws Exception {
        HttpResponse<String> answer = send(
                world.request(portal.path("/as/BEN/beta/me/inPath")).header("Authorization", "Bearer " + portal.key()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seenAuthorization("/beta/me/inPath")).isEqualTo("Bearer token-of-ben");
    }

    @Test
    void serviceMayUseAnAccountWithoutAUser() throws Exception {
        HttpResponse<String> answer = send(world.request(portal.path("/v1.0/users/u/byService"))
                .header("Authorization", "Bearer " + ProxyTestConfig.SERVICE_KEY)
                .header("X-M365-Account", "service"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seenAuthorization("/v1.0/users/u/byService")).isEqualTo("Bearer token-of-the-app");
    }

    @Test
    void wrongKeyIsUnauthorized() throws Exception {
        assertProblem(
                send(world.request(portal.path("/v1.0/me"))
                        .header("X-API-Key", "wrong")
                        .header("X-Portal-User", "ADA")),
                401,
                "unauthorized");
        assertProblem(send(world.request(portal.path("/v1.0/me"))), 401, "unauthorized");
        assertNothingReachedGraph();
    }

    @Test
    void keyOfAnotherPortalIsForbidden() throws Exception {
        TestPortal other = TestPortal.with(world, views, world.upstreamBase());

        assertProblem(
                send(world.request(portal.path("/v1.0/me"))
                        .header("X-API-Key", other.key())
                        .header("X-Portal-User", "ADA")),
                403,
                "forbidden");
        assertNothingReachedGraph();
    }

    @Test
    void entitlementEndsWithoutAnEventAndTheTokenInMemoryHelpsNobody() throws Exception {
        Instant end = Instant.now().plusSeconds(20);
        portal.entitled(during(Optional.empty(), Optional.of(end)));
        assertThat(send(portal.request("ADA", "/v1.0/me/messages/entitled")).statusCode())
                .isEqualTo(200);

        // No record comes any more: the clock alone decides, for services as well
        await().atMost(Duration.ofMinutes(3))
                .until(() ->
                        send(portal.request("ADA", "/v1.0/me/messages/late")).statusCode() == 403);
        assertThat(Instant.now()).isAfterOrEqualTo(end);
        int reached = world.upstream().count();
        assertProblem(send(portal.request("ADA", "/v1.0/me/messages/over")), 403, "not-entitled");
        assertProblem(
                send(world.request(portal.path("/v1.0/users/u/over"))
                        .header("Authorization", "Bearer " + ProxyTestConfig.SERVICE_KEY)
                        .header("X-M365-Account", "service")),
                403,
                "not-entitled");
        assertThat(world.upstream().count()).isEqualTo(reached);

        // Renewed, it goes on
        portal.entitled(during(Optional.empty(), Optional.of(end.plus(Duration.ofDays(1)))));
        assertThat(send(portal.request("ADA", "/v1.0/me/messages/renewed")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void entitlementThatHasNotBegunIsRefused() throws Exception {
        portal.entitled(during(Optional.of(Instant.now().plus(Duration.ofDays(1))), Optional.empty()));

        assertProblem(send(portal.request("ADA", "/v1.0/me/messages/early")), 403, "not-entitled");
        assertNothingReachedGraph();
    }

    @Test
    void whoLosesHisRightWhileHisBodyIsUnderWayIsRefused() throws Exception {
        assertThat(whileTheBodyIsUnderWay(() -> portal.assign("ADA")))
                .startsWith("HTTP/1.1 403 ")
                .contains("/problems/not-assigned", "\"sent\":false");
        portal.assign("ADA", "current-user*");

        assertThat(whileTheBodyIsUnderWay(() -> portal.entitled(during(Optional.empty(), Optional.of(Instant.now())))))
                .startsWith("HTTP/1.1 403 ")
                .contains("/problems/not-entitled");
        portal.entitled(Entitlement.UNLIMITED);

        assertThat(whileTheBodyIsUnderWay(this::revokeKey))
                .startsWith("HTTP/1.1 401 ")
                .contains("/problems/unauthorized");
        assertNothingReachedGraph();
    }

    /** The answer to a call whose headers have been judged before something happens, and whose body comes after it. */
    private String whileTheBodyIsUnderWay(Runnable something) throws IOException {
        try (Socket socket = new Socket("localhost", world.proxyPort())) {
            socket.setSoTimeout(60_000);
            write(
                    socket,
                    "POST " + portal.path("/v1.0/me/messages/slow") + " HTTP/1.1\r\nHost: localhost\r\n"
                            + "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 10\r\nX-API-Key: "
                            + portal.key() + "\r\nX-Portal-User: ADA\r\n\r\n");
            String invited = "HTTP/1.1 100 Continue\r\n\r\n";
            assertThat(new String(socket.getInputStream().readNBytes(invited.length()), StandardCharsets.ISO_8859_1))
                    .isEqualTo(invited);
            write(socket, "01234");

            something.run();

            write(socket, "56789");
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** To return, that must have been heard. */
    private void revokeKey() {
        portal.revokeKey();
        await().atMost(Duration.ofMinutes(3))
                .until(() -> send(world.request(portal.path("/capabilities")).header("X-API-Key", portal.key()))
                                .statusCode()
                        == 401);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @Test
    void whoLosesHisRightWhileHisTokenIsFetchedIsRefused() throws Exception {
        assertProblem(
                whileTheTokenIsFetched("ADA", "/v1.0/me/messages/waits", () -> portal.assign("ADA")),
                403,
                "not-assigned");
        assertNothingReachedGraph();
    }

    @Test
    void whoSignsOutWhileHisTokenIsFetchedIsOut() throws Exception {
        portal.account("user:ADA", AccountState.READY, 1);

        HttpResponse<String> answer = whileTheTokenIsFetched(
                "ADA", "/v1.0/me/messages/out", () -> portal.account("user:ADA", AccountState.GONE, 2));

        assertProblem(answer, 503, "auth-unavailable");
        assertNothingReachedGraph();
    }

    @Test
    void accountThatBecomesTheDefaultMeanwhileActsWithItsOwnToken() throws Exception {
        HttpResponse<String> answer = whileTheTokenIsFetched(
                "ADA", "/v1.0/users/u/messages/other", () -> portal.assign("ADA", "current-user", "service*"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seenAuthorization("/v1.0/users/u/messages/other")).isEqualTo("Bearer token-of-the-app");
    }

    @Test
    void whoLosesHisRightBeforeTheSecondTryIsRefused() throws Exception {
        world.auth()
                .answers(
                        portal.accountKey("user:BEN"),
                        question -> AuthStandIn.token(
                                "token-"
                                        + world.auth()
                                                .questions(portal.accountKey("user:BEN"))
                                                .size(),
                                1));
        String target = "/v1.0/me/messages/refused";
        world.upstream().on(target, request -> world.vertx()
                .executeBlocking(() -> portal.assign("BEN"), false)
                .onComplete(unassigned -> request.response().setStatusCode(401).end()));

        assertProblem(send(portal.request("BEN", target)), 403, "not-assigned");
        assertThat(world.upstream().seen(target)).hasSize(1);
    }

    private HttpResponse<String> whileTheTokenIsFetched(String user, String target, Runnable something) {
        String account = portal.accountKey("user:" + user);
        CompletableFuture<Void> happened = new CompletableFuture<>();
        world.auth().answers(account, question -> {
            happened.join();
            return AuthStandIn.token("token-of-" + user, 1);
        });
        CompletableFuture<HttpResponse<String>> call =
                world.client().sendAsync(portal.request(user, target).build(), HttpResponse.BodyHandlers.ofString());
        await().atMost(Duration.ofMinutes(3))
                .until(() -> !world.auth().questions(account).isEmpty());
        something.run();
        happened.complete(null);
        return call.join();
    }

    @Test
    void administratorDoesNotActForAPortal() throws Exception {
        assertProblem(
                send(world.request(portal.path("/v1.0/me"))
                        .header("X-API-Key", ProxyTestConfig.ADMIN_KEY)
                        .header("X-Portal-User", "ADA")),
                403,
                "forbidden");
    }

    @Test
    void missingUserIsAskedFor() throws Exception {
        assertProblem(
                send(world.request(portal.path("/v1.0/me")).header("X-API-Key", portal.key())),
                400,
                "portal-user-missing");
    }

    @Test
    void unknownUserIsUnknown() throws Exception {
        assertProblem(send(portal.request("EVE", "/v1.0/me")), 404, "portal-user-unknown");
        assertProblem(send(portal.request("ada", "/v1.0/me")), 404, "portal-user-unknown");
        assertNothingReachedGraph();
    }

    @Test
    void unassignedUserMayNothing() throws Exception {
        assertProblem(send(portal.request("CLARA", "/v1.0/me")), 403, "not-assigned");
    }

    @Test
    void accountThatIsNotAssignedIsRefusedWithAListOfThoseThatAre() throws Exception {
        HttpResponse<String> answer = send(portal.request("BEN", "/v1.0/users").header("X-M365-Account", "service"));

        JsonObject problem = assertProblem(answer, 403, "account-not-assigned");
        assertThat(problem.getJsonArray("available")).isEqualTo(new JsonArray(List.of("current-user")));
        assertNothingReachedGraph();
    }

    @Test
    void narrowedAssignmentLetsThroughWhatItNames() throws Exception {
        portal.assign("BEN", "service", Narrowing.ofMailbox("Ben@contoso.example"));

        assertThat(send(portal.request("BEN", "/v1.0/users/ben@CONTOSO.example/messages"))
                        .statusCode())
                .isEqualTo(200);
        askedBefore = world.upstream().count();
        JsonObject problem = assertProblem(
                send(portal.request("BEN", "/v1.0/users/ada@contoso.example/messages")),
                403,
                "not-allowed-by-assignment");
        assertThat(problem.getString("narrowing")).isEqualTo("mailbox");
        assertThat(problem.getJsonArray("allowed")).isEqualTo(new JsonArray(List.of("Ben@contoso.example")));
        assertProblem(
                send(portal.request("BEN", "/v1.0/search/query").POST(HttpRequest.BodyPublishers.ofString("{}"))),
                403,
                "not-allowed-by-assignment");
        assertProblem(
                send(portal.request("BEN", "/v1.0/users/ada@contoso.example?$expand=messages")),
                403,
                "not-allowed-by-assignment");
        assertNothingReachedGraph();
    }

    @Test
    void subscriptionOfANarrowedAccountIsForSyncServiceToMake() throws Exception {
        portal.assign("BEN", "service", Narrowing.ofMailbox("ben@contoso.example"));

        assertProblem(send(portal.request("BEN", "/v1.0/subscriptions")), 403, "not-allowed-by-assignment");
        assertNothingReachedGraph();
        assertThat(send(world.request(portal.path("/as/BEN/v1.0/subscriptions"))
                                .header("Authorization", "Bearer " + ProxyTestConfig.SERVICE_KEY))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void ownMailboxOfSomebodyNotToldOfYetMayTurnUp() throws Exception {
        portal.assign("BEN", "service", Narrowing.OWN_MAILBOX);

        assertProblem(
                send(portal.request("BEN", "/v1.0/users/ben@contoso.example/messages")), 404, "portal-user-unknown");
        assertProblem(send(portal.request("BEN", "/v1.0/chats")), 403, "not-allowed-by-assignment");
        assertNothingReachedGraph();
    }

    @Test
    void whoseObjectIdItIsIsHeardFromTheSuitesOwnServicesOnly() throws Exception {
        portal.assign("BEN", "service", Narrowing.ofMailbox("ben@contoso.example"));
        String byId = "/as/BEN/v1.0/users/0b1e5f00-0000-4000-8000-00000000beef/messages";

        assertProblem(
                send(portal.request("BEN", byId.substring("/as/BEN".length()))
                        .header("X-M365-Person", "ben%40contoso.example")),
                403,
                "not-allowed-by-assignment");
        assertProblem(send(ofSync(byId)), 403, "not-allowed-by-assignment");
        assertProblem(
                send(ofSync(byId).header("X-M365-Person", "ada%40contoso.example")), 403, "not-allowed-by-assignment");
        assertNothingReachedGraph();
        assertThat(send(ofSync(byId).header("X-M365-Person", "Ben%40contoso.example"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void ownMailboxIsThatOfWhoSignedInWhateverThePortalTells() throws Exception {
        String idOfBen = "0b1e5f00-0000-4000-8000-00000000beef";
        String idOfAda = "0b1e5f00-0000-4000-8000-00000000ada0";
        portal.assign("BEN", "service", Narrowing.OWN_MAILBOX.withToldUpn("ada@contoso.example"));
        assertThat(send(portal.request("BEN", "/v1.0/users/ada@contoso.example/messages"))
                        .statusCode())
                .as("nobody has signed in")
                .isEqualTo(200);

        portal.signedIn("BEN", "ben@contoso.example", idOfBen);

        askedBefore = world.upstream().count();
        JsonObject problem = assertProblem(
                send(portal.request("BEN", "/v1.0/users/ada@contoso.example/messages")),
                403,
                "not-allowed-by-assignment");
        assertThat(problem.getJsonArray("allowed")).isEqualTo(new JsonArray(List.of("ben@contoso.example")));
        assertProblem(
                send(portal.request("BEN", "/v1.0/users/" + idOfAda + "/messages")), 403, "not-allowed-by-assignment");
        // Nor where sync-service had asked for his name, and that has gone to somebody else
        assertProblem(
                send(ofSync("/as/BEN/v1.0/users/" + idOfAda + "/messages")
                        .header("X-M365-Person", "ben%40contoso.example")),
                403,
                "not-allowed-by-assignment");
        assertNothingReachedGraph();
        assertThat(send(portal.request("BEN", "/v1.0/users/" + idOfBen + "/messages"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(ofSync("/as/BEN/v1.0/users/" + idOfBen + "/messages")
                                .header("X-M365-Person", "ben.renamed%40contoso.example"))
                        .statusCode())
                .isEqualTo(200);
    }

    private HttpRequest.Builder ofSync(String path) {
        return world.request(portal.path(path)).header("Authorization", "Bearer " + ProxyTestConfig.SERVICE_KEY);
    }

    @Test
    void accountThatIsNarrowedWhileItsTokenIsFetchedIsRefused() throws Exception {
        HttpResponse<String> answer = whileTheTokenIsFetched(
                "ADA",
                "/v1.0/me/messages/narrowed",
                () -> portal.assign(
                        "ADA",
                        "current-user",
                        new Narrowing(
                                Optional.of(List.of(new Narrowing.Operation("POST", "/me/sendMail"))),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty())));

        JsonObject problem = assertProblem(answer, 403, "not-allowed-by-assignment");
        assertThat(problem.getJsonArray("allowed")).isEqualTo(new JsonArray(List.of("POST /me/sendmail")));
        assertNothingReachedGraph();
    }

    @Test
    void processWithoutAUserRunsAsTheTechnicalOne() throws Exception {
        portal.technicalUser("BEN");

        HttpResponse<String> answer =
                send(world.request(portal.path("/v1.0/me/messages/process")).header("X-API-Key", portal.key()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seenAuthorization("/v1.0/me/messages/process")).isEqualTo("Bearer token-of-ben");
    }

    @Test
    void unknownRegistrationIsUnknown() throws Exception {
        assertProblem(
                send(world.request("/graph/" + portal.id() + "/main/v1.0/me")
                        .header("X-API-Key", portal.key())
                        .header("X-Portal-User", "ADA")),
                404,
                "registration-unknown");
    }

    @Test
    void registrationThatIsEndingTakesNothingNew() throws Exception {
        portal.registration(world.upstreamBase(), RegistrationState.ENDING);

        assertProblem(send(portal.request("ADA", "/v1.0/me")), 409, "registration-ending");
    }

    @Test
    void keysOfAnEndingPortalAreWorthless() throws Exception {
        portal.state(PortalState.ENDING);

        assertProblem(send(portal.request("ADA", "/v1.0/me")), 401, "unauthorized");
    }

    @Test
    void registrationCannotSendTokensToAnotherHost() throws Exception {
        portal.registration("http://127.0.0.1:9", RegistrationState.COMPLETE);

        assertProblem(send(portal.request("ADA", "/v1.0/me")), 502, "graph-host-not-allowed");
        assertThat(world.auth().questions(portal.accountKey("user:ADA"))).isEmpty();
    }

    @Test
    void appIsToldThatItIsNobodyAndCannotPost() throws Exception {
        JsonObject me = assertProblem(
                send(portal.request("ADA", "/v1.0/me/messages").header("X-M365-Account", "service")),
                422,
                "app-only-not-supported");
        JsonObject post = assertProblem(
                send(portal.request("ADA", "/v1.0/teams/T/channels/C/messages")
                        .header("X-M365-Account", "service")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))),
                422,
                "app-only-not-supported");

        assertThat(me.getString("instead")).startsWith("/users/");
        assertThat(post.getString("instead")).contains("current-user");
        assertThat(post.getJsonArray("available")).contains("current-user");
        assertNothingReachedGraph();
        assertThat(world.auth().questions(portal.accountKey("service"))).isEmpty();
    }

    @Test
    void personalAccountHasNoTeams() throws Exception {
        portal.account("user:BEN", AccountState.READY, 1, AccountType.PERSONAL);

        JsonObject problem =
                assertProblem(send(portal.request("BEN", "/v1.0/me/joinedTeams")), 422, "personal-not-supported");

        assertThat(problem.getString("instead")).isEqualTo("work or school account");
        assertThat(problem.getJsonArray("available")).isEqualTo(new JsonArray(List.of("current-user")));
        assertNothingReachedGraph();
        assertThat(world.auth().questions(portal.accountKey("user:BEN"))).isEmpty();
        assertThat(send(portal.request("BEN", "/v1.0/me/messages")).statusCode())
                .as("what a personal account has")
                .isEqualTo(200);
    }

    @Test
    void unsafePathsAreRefusedBeforeTheKeyIsLookedAt() throws Exception {
        for (String target :
                List.of("/v1.0//me", "/v1.0/../beta/me", "/v1.0/me%2fmessages", "/v1.0/%2e%2e/me", "/v2.0/me", "/me")) {
            assertProblem(send(world.request(portal.path(target))), 400, "path-not-allowed");
        }
        assertNothingReachedGraph();
    }

    @Test
    void absoluteFormAndOddMethodsAreRefused() throws Exception {
        String path = portal.path("/v1.0/me");
        String headers = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: " + portal.key()
                + "\r\nX-Portal-User: ADA\r\n\r\n";

        assertThat(raw("GET http://localhost:" + world.proxyPort() + path + headers))
                .startsWith("HTTP/1.1 400 ")
                .contains("path-not-allowed");
        assertThat(raw("GET http://graph.microsoft.com" + path + headers)).startsWith("HTTP/1.1 400 ");
        assertThat(raw("TRACE " + path + headers)).startsWith("HTTP/1.1 405 ");
        assertThat(raw("OPTIONS " + path + headers)).startsWith("HTTP/1.1 405 ");
        assertThat(raw("GET /q/../graph/x" + headers)).startsWith("HTTP/1.1 404 ");
        assertNothingReachedGraph();
    }

    @Test
    void problemsSpeakTheCallersLanguageAndHaveAPage() throws Exception {
        HttpResponse<String> german =
                send(portal.request("CLARA", "/v1.0/me").header("Accept-Language", "de-DE,de;q=0.9"));
        HttpResponse<String> english = send(portal.request("CLARA", "/v1.0/me"));

        assertThat(new JsonObject(german.body()).getString("title")).isEqualTo("Nichts ist zugewiesen");
        assertThat(new JsonObject(english.body()).getString("title")).isEqualTo("Nothing is assigned");
        assertThat(send(world.request("/problems/not-assigned")).body()).contains("Nothing is assigned");
        assertThat(send(world.request("/problems/login-required")).body()).contains("Somebody has to sign in");
    }

    @Test
    void capabilitiesAreShownToThePortalAndTheAdministrator() throws Exception {
        for (String key : List.of(portal.key(), ProxyTestConfig.ADMIN_KEY, ProxyTestConfig.SERVICE_KEY)) {
            HttpResponse<String> answer =
                    send(world.request(portal.path("/capabilities")).header("X-API-Key", key));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(new JsonObject(answer.body()).getJsonArray("capabilities"))
                    .hasSizeGreaterThan(30);
        }
        assertProblem(send(world.request(portal.path("/capabilities"))), 401, "unauthorized");
    }

    @Test
    void serviceIsReadyWhenItsViewsAre() throws Exception {
        HttpResponse<String> health = send(world.request("/q/health/ready"));

        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("m365.assignments");
    }

    @Test
    void openApiTellsOfTheGraphPaths() throws Exception {
        assertThat(send(world.request("/q/openapi")).body()).contains("/graph/{portal}/{registration}/v1.0/{path}");
    }

    private String seenAuthorization(String target) {
        return world.upstream().seen(target).get(0).header("Authorization");
    }

    private static Entitlement during(Optional<Instant> from, Optional<Instant> until) {
        return new Entitlement(from, until, Optional.empty(), Optional.empty());
    }

    private void assertNothingReachedGraph() {
        assertThat(world.upstream().count()).isEqualTo(askedBefore);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return world.client()
                .send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonObject assertProblem(HttpResponse<String> answer, int status, String slug) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue(slug);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getString("type")).isEqualTo("/problems/" + slug);
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getBoolean("sent")).as("refused before Graph").isFalse();
        return problem;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("localhost", world.proxyPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
