package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import jakarta.inject.Inject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.RegistrationState;
import org.m365connector.view.Views;

/** A network that is left through a forward proxy only, whose outside has certificates of a private authority. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
@WithTestResource(value = WayOutTestConfig.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class WayOutIT {

    private static ForwardProxy forwardProxy;
    private static UpstreamStandIn graph;
    private static UpstreamStandIn stranger;
    private static TraceCollector traces;

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private String target;

    @BeforeAll
    static void buildTheOutside() {
        World world = World.get();
        graph = new UpstreamStandIn(world.vertx(), port(WayOutTestConfig.GRAPH), tls(WayOutTestConfig.GRAPH));
        stranger = new UpstreamStandIn(world.vertx(), port(WayOutTestConfig.STRANGER), tls(WayOutTestConfig.STRANGER));
        traces = new TraceCollector(world.vertx(), port(WayOutTestConfig.TRACES), tls(WayOutTestConfig.TRACES));
        forwardProxy = new ForwardProxy(
                world.vertx(),
                port("forward-proxy"),
                Map.of(
                        WayOutTestConfig.GRAPH + ":443",
                        port(WayOutTestConfig.GRAPH),
                        WayOutTestConfig.MISNAMED + ":443",
                        port(WayOutTestConfig.GRAPH),
                        WayOutTestConfig.STRANGER + ":443",
                        port(WayOutTestConfig.STRANGER),
                        WayOutTestConfig.TRACES + ":443",
                        port(WayOutTestConfig.TRACES)));
    }

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, "https://" + WayOutTestConfig.GRAPH)
                .assign("ADA", "current-user*")
                .token("user:ADA", "token-of-ada");
        target = "/v1.0/me/" + UUID.randomUUID();
    }

    @Test
    void graphIsReachedThroughTheForwardProxyUnderThePrivateAuthority() throws Exception {
        String large = "x".repeat(1 << 20);

        HttpResponse<String> answer = send(portal.request("ADA", target).PUT(BodyPublishers.ofString(large)));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getString("body")).isEqualTo(large);
        assertThat(graph.seen(target)).singleElement().satisfies(seen -> {
            assertThat(seen.header("Host")).isEqualTo(WayOutTestConfig.GRAPH);
            assertThat(seen.header("Authorization")).isEqualTo("Bearer token-of-ada");
        });
        assertThat(forwardProxy.asked())
                .as("it learns where to, and nothing else")
                .contains("CONNECT " + WayOutTestConfig.GRAPH + ":443")
                .allMatch(asked -> asked.startsWith("CONNECT "));
    }

    @Test
    void tokenGoesToNobodyWhomTheAuthorityDoesNotVouchFor() throws Exception {
        for (String host : new String[] {WayOutTestConfig.STRANGER, WayOutTestConfig.MISNAMED}) {
            portal.registration("https://" + host, RegistrationState.COMPLETE);

            HttpResponse<String> answer = send(portal.request("ADA", target));

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
            assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("graph-unreachable");
            assertThat(forwardProxy.asked()).contains("CONNECT " + host + ":443");
        }
        assertThat(stranger.count()).isZero();
        assertThat(graph.seen(target)).isEmpty();
    }

    @Test
    void tracesTakeTheSameWay() throws Exception {
        String trace = UUID.randomUUID().toString().replace("-", "");

        send(portal.request("ADA", target).header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));

        await().atMost(Duration.ofMinutes(1)).until(() -> traces.count(trace) == 2);
        assertThat(forwardProxy.asked()).contains("CONNECT " + WayOutTestConfig.TRACES + ":443");
    }

    private static int port(String of) {
        return ConfigProvider.getConfig().getValue("test." + of + ".port", Integer.class);
    }

    private static HttpServerOptions tls(String host) {
        PemKeyCertOptions certified = new PemKeyCertOptions()
                .setCertPath(ConfigProvider.getConfig().getValue("test." + host + ".certificate", String.class))
                .setKeyPath(ConfigProvider.getConfig().getValue("test." + host + ".key", String.class));
        return new HttpServerOptions().setSsl(true).setKeyCertOptions(certified);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
