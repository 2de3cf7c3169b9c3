package org.m365connector.graphproxy.forward;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.PoolOptions;
import io.vertx.ext.web.Router;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.m365connector.access.AccessKeys;
import org.m365connector.capability.Capabilities;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.graphproxy.SuiteConfig;
import org.m365connector.graphproxy.access.AccessCheck;
import org.m365connector.graphproxy.account.AccountResolver;
import org.m365connector.graphproxy.token.AuthClient;
import org.m365connector.graphproxy.token.TokenCache;
import org.m365connector.graphproxy.token.TokenConfig;
import org.m365connector.view.TopicView;
import org.m365connector.view.Views;

/** Puts the parts together and the route before Quarkus' own, whose limit on the size of bodies is not for streams. */
@ApplicationScoped
class GraphProxy {

    private static final int BEFORE_THE_BODY_LIMIT = -100;
    private static final long SWEEP_EVERY_MS = 60_000;

    private final Vertx vertx;
    private final HttpClient client;
    private final TokenCache tokens;
    private final GraphRoute route;

    GraphProxy(
            Vertx vertx,
            Views views,
            AccessKeys keys,
            SuiteConfig suite,
            GraphConfig graph,
            TokenConfig token,
            @ConfigProperty(name = "no.proxy") Optional<List<String>> noProxy,
            MeterRegistry meters) {
        this.vertx = vertx;
        Outbound outbound = new Outbound(suite.httpsProxy(), noProxy.orElse(List.of()), suite.trustFile());
        client = vertx.createHttpClient(
                outbound.clientOptions()
                        .setConnectTimeout(
                                Math.toIntExact(graph.connectTimeout().toMillis()))
                        .setIdleTimeout(Math.toIntExact(graph.stallTimeout().toSeconds()))
                        .setMaxWaitQueueSize(graph.waiting())
                        .setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(graph.connections()));
        tokens = new TokenCache(
                new AuthClient(client, withoutSlash(suite.authUrl()), token.timeout(), keys.serviceAuthorization()),
                Clock.systemUTC(),
                token.minimumTtl(),
                token.refreshAhead());
        Gauge.builder("m365.proxy.tokens", tokens, TokenCache::size)
                .description("Accounts with a token in memory")
                .register(meters);

        TopicView<RegistrationRecord> registrations = views.registrations();
        TopicView<AccountRecord> accounts = views.accounts();
        List<TopicView<?>> needed = List.of(views.portals(), registrations, accounts, views.assignments());
        forgetTokens(registrations, accounts);

        List<String> baseUrls = new ArrayList<>(graph.otherBaseUrls());
        baseUrls.add(graph.baseUrl());
        route = new GraphRoute(
                () -> needed.stream().allMatch(TopicView::ready),
                keys,
                new AccessCheck(views.portals()::get, registrations::get, Clock.systemUTC()),
                new AccountResolver(views.assignments()::get, accounts::get),
                new Capabilities(),
                new GraphHosts(baseUrls),
                new Forwarder(
                        client, outbound, tokens, new Calls(meters), graph.connectTimeout(), graph.answerTimeout()),
                withoutSlash(suite.proxyUrl()).toString());
    }

    void install(@Observes Router router) {
        router.route().order(BEFORE_THE_BODY_LIMIT).handler(route);
        vertx.setPeriodic(SWEEP_EVERY_MS, tick -> tokens.sweep());
    }

    @PreDestroy
    void close() {
        client.close();
    }

    /** The generation already keeps an outdated token from being used; this also ends what has no generation. */
    private void forgetTokens(TopicView<RegistrationRecord> registrations, TopicView<AccountRecord> accounts) {
        registrations.onChange((key, old, now) -> {
            if (old.isPresent()) {
                tokens.dropAll(key + "/");
            }
        });
        accounts.onChange((key, old, now) -> {
            boolean sameTokens = now.isPresent()
                    && now.get().state() == AccountState.READY
                    && old.isPresent()
                    && old.get().generation() == now.get().generation();
            if (!sameTokens) {
                tokens.drop(key);
            }
        });
    }

    private static URI withoutSlash(URI base) {
        String text = base.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : base;
    }
}
