package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountState;
import org.m365connector.events.RegistrationState;
import org.m365connector.view.Views;

/** Tokens between auth-service and the proxy. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class TokenIT {

    private static final Path LOG = Path.of("target/proxy-it.log");

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private String target;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase()).assign("BEN", "current-user*");
        target = "/v1.0/me/" + UUID.randomUUID();
    }

    @Test
    void manyCallersForOneTokenAskOnce() {
        world.auth().answers(portal.accountKey("user:BEN"), question -> AuthStandIn.token("for-all", 1)
                .after(Duration.ofMillis(500)));

        List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 200)
                .mapToObj(i -> world.client()
                        .sendAsync(portal.request("BEN", target).build(), HttpResponse.BodyHandlers.ofString()))
                .toList();

        assertThat(calls)
                .allSatisfy(call -> assertThat(call.join().statusCode()).isEqualTo(200));
        assertThat(world.auth().questions(portal.accountKey("user:BEN"))).hasSize(1);
        assertThat(world.upstream().seen(target))
                .hasSize(200)
                .allSatisfy(seen -> assertThat(seen.header("Authorization")).isEqualTo("Bearer for-all"));
    }

    @Test
    void eachOfManyCallsOnSharedConnectionsCarriesTheTokenOfItsOwnAccount() throws Exception {
        List<String> users = List.of("BEN", "ADA", "CLARA");
        for (String user : users) {
            portal.assign(user, "current-user*");
            portal.token("user:" + user, "token-of-" + user);
        }

        List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 600)
                .mapToObj(i -> users.get(i % users.size()))
                .map(user -> world.client()
                        .sendAsync(
                                portal.request(user, target + "-" + user).build(),
                                HttpResponse.BodyHandlers.ofString()))
                .toList();

        assertThat(calls)
                .allSatisfy(call -> assertThat(call.join().statusCode()).isEqualTo(200));
        for (String user : users) {
            assertThat(world.upstream().seen(target + "-" + user))
                    .hasSize(200)
                    .allSatisfy(seen -> assertThat(seen.header("Authorization")).isEqualTo("Bearer token-of-" + user));
        }
    }

    @Test
    void whoSignedOutIsOutAndGetsTheLinkToSignInAgain() throws Exception {
        portal.account("user:BEN", AccountState.READY, 1);
        world.auth().answers(portal.accountKey("user:BEN"), question -> AuthStandIn.token("before", 1));
        assertThat(send(portal.request("BEN", target)).statusCode()).isEqualTo(200);

        world.auth().answers(portal.accountKey("user:BEN"), question -> AuthStandIn.problem(409, "login-required"));
        portal.account("user:BEN", AccountState.NEEDS_LOGIN, 1);
        HttpResponse<String> answer = send(portal.request("BEN", target));

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("login-required");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("9");
        assertThat(new JsonObject(answer.body()).getString("loginUrl")).isEqualTo("http://localhost/login/ticket");
        assertThat(new JsonObject(answer.body()).getString("accountId")).isEqualTo("user:BEN");
        assertThat(new JsonObject(answer.body()).getBoolean("sent")).isFalse();
        assertThat(world.upstream().seen(target)).hasSize(1);
    }

    @Test
    void assignmentThatIsTakenAwayEndsTheUseAtOnce() throws Exception {
        portal.token("user:BEN", "before");
        assertThat(send(portal.request("BEN", target)).statusCode()).isEqualTo(200);

        portal.assign("BEN");

        assertThat(send(portal.request("BEN", target)).statusCode()).isEqualTo(403);
    }

    @Test
    void changedRegistrationForgetsItsTokens() throws Exception {
        portal.token("user:BEN", "before");
        send(portal.request("BEN", target));
        portal.token("user:BEN", "after");

        portal.registration(world.upstreamBase(), RegistrationState.COMPLETE);

        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            send(portal.request("BEN", target));
            List<UpstreamStandIn.Seen> seen = world.upstream().seen(target);
            assertThat(seen.get(seen.size() - 1).header("Authorization")).isEqualTo("Bearer after");
        });
    }

    @Test
    void authServiceThatIsAwaySlowOrAngryIsOurProblem() throws Exception {
        world.auth().answers(portal.accountKey("user:BEN"), question -> AuthStandIn.problem(401, "unauthorized"));
        assertUnavailable();
        world.auth().answers(portal.accountKey("user:BEN"), question -> {
            throw new IllegalStateException("away");
        });
        assertUnavailable();
        world.auth()
                .answers(
                        portal.accountKey("user:BEN"),
                        question -> new AuthStandIn.Answer(200, new JsonObject().put("accessToken", "half")));
        assertUnavailable();
        world.auth().answers(portal.accountKey("user:BEN"), question -> AuthStandIn.token("late", 1)
                .after(Duration.ofSeconds(15)));
        assertUnavailable();
        assertThat(world.upstream().seen(target)).isEmpty();
    }

    @Test
    void noTokenAndNoKeyIsEverLogged() throws Exception {
        String secret = "secret-token-" + UUID.randomUUID();
        portal.token("user:BEN", secret);
        world.upstream().on(target + "/refused", request -> request.response()
                .setStatusCode(401)
                .putHeader("WWW-Authenticate", "Bearer claims=\"c2VjcmV0LWNsYWltcw==\"")
                .end(secret));
        world.upstream().on(target + "/silent", request -> {});
        world.upstream().on(target + "/cut", request -> request.connection().close());
        send(portal.request("BEN", target + "?$search=secret-search"));
        send(portal.request("BEN", target + "/refused"));
        send(portal.request("BEN", target + "/silent").POST(BodyPublishers.ofString("secret-body")));
        send(portal.request("BEN", target + "/cut"));
        send(portal.request("EVE", target));
        world.auth()
                .answers(
                        portal.accountKey("user:BEN"),
                        question -> new AuthStandIn.Answer(200, new JsonObject().put("accessToken", secret)));
        portal.registration(world.upstreamBase(), RegistrationState.COMPLETE);
        send(portal.request("BEN", target));

        await().atMost(Duration.ofMinutes(1)).until(() -> Files.readString(LOG).contains(target + "/cut"));
        assertThat(Files.readString(LOG))
                .contains("graph call outcome=ANSWERED detail=2xx method=GET path=" + target)
                .doesNotContain(
                        secret,
                        portal.key(),
                        ProxyTestConfig.SERVICE_KEY,
                        "secret-claims",
                        "c2VjcmV0LWNsYWltcw",
                        "secret-search",
                        "secret-body");
    }

    @Test
    void callsAreCountedByTheirOutcome() throws Exception {
        portal.token("user:BEN", "t");
        send(portal.request("BEN", target));
        send(portal.request("EVE", target));

        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(
                        send(world.request("/q/metrics")).body())
                .contains("m365_proxy_calls_seconds_count{account=\"browser\",detail=\"2xx\",outcome=\"answered\"}")
                .contains("m365_proxy_calls_seconds_count{account=\"none\",detail=\"portal-user-unknown\","
                        + "outcome=\"refused\"}")
                .contains("m365_proxy_tokens")
                .doesNotContain(target));
    }

    private void assertUnavailable() throws IOException, InterruptedException {
        HttpResponse<String> answer = send(portal.request("BEN", target));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("auth-unavailable");
        assertThat(new JsonObject(answer.body()).getBoolean("sent")).isFalse();
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
