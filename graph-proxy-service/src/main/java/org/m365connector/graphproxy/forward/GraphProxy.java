package org.m365connector.graphproxy.forward;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.ext.web.Router;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.m365connector.access.AccessKeys;
import org.m365connector.capability.Capabilities;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.graphproxy.SuiteConfig;
import org.m365connector.graphproxy.access.AccessCheck;
import org.m365connector.graphproxy.account.AccountResolver;
import org.m365connector.graphproxy.account.People;
import org.m365connector.graphproxy.account.ResolvedAccounts;
import org.m365connector.graphproxy.audit.AuditTrail;
import org.m365connector.graphproxy.throttle.Throttle;
import org.m365connector.graphproxy.token.AuthClient;
import org.m365connector.graphproxy.token.TokenCache;
import org.m365connector.graphproxy.token.TokenConfig;
import org.m365connector.graphproxy.tracing.Tracing;
import org.m365connector.outbound.Outbound;
import org.m365connector.view.TopicView;
import org.m365connector.view.Views;

/** Puts the parts together and the route before Quarkus' own, whose limit on the size of bodies is not for streams. */
@ApplicationScoped
class GraphProxy {

    private static final int BEFORE_THE_BODY_LIMIT = -100;
    private static final long SWEEP_EVERY_MS = 60_000;

    /** As long as a caller's may be: addresses of downloads hold tokens of some thousand characters. */
    private static final int LONGEST_HEADERS = 32 * 1024;

    private static final int TO_AUTH = 64;

    private final Vertx vertx;
    private final HttpClient toAuth;
    private final GraphClients clients;
    private final BatchReader batches;
    private final Pace pace;
    private final Throttle throttle;
    private final TokenCache tokens;
    private final GraphRoute route;

    GraphProxy(
            Vertx vertx,
            Views views,
            AccessKeys keys,
            SuiteConfig suite,
            GraphConfig graph,
            TokenConfig token,
            Throttle throttle,
            AuditTrail audit,
            Tracing tracing,
            Outbound outbound,
            MeterRegistry meters) {
        this.vertx = vertx;
        clients = new GraphClients(vertx, clientOptions(outbound, graph), graph.connections(), graph.waiting());
        toAuth = vertx.createHttpClient(
                clientOptions(outbound, graph).setMaxWaitQueueSize(graph.waiting()),
                new PoolOptions().setHttp1MaxSize(TO_AUTH));
        batches = new BatchReader(vertx);
        pace = new Pace(graph.stallTimeout(), graph.answerTimeout());
        Gauge.builder("m365.proxy.calls.under.way", pace, Pace::underWay)
                .description("Calls that have been admitted and are not over")
                .register(meters);
        KeptBodies kept = new KeptBodies(graph.keptBodies().asLongValue());
        Gauge.builder("m365.proxy.bodies.kept", kept, KeptBodies::kept)
                .description("Bytes of callers' bodies in memory")
                .register(meters);
        this.throttle = throttle;
        tokens = new TokenCache(
                new AuthClient(toAuth, withoutSlash(suite.authUrl()), token.timeout(), keys.serviceAuthorization()),
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
        People people = new People();
        accounts.onChange((key, old, now) -> now.ifPresentOrElse(people::heard, () -> people.forgotten(key)));

        List<String> baseUrls = new ArrayList<>(graph.otherBaseUrls());
        baseUrls.add(graph.baseUrl());
        route = new GraphRoute(
                () -> throttle.ready() && ready(needed),
                keys,
                new AccessCheck(views.portals()::get, registrations::get, Clock.systemUTC()),
                new ResolvedAccounts(
                        new AccountResolver(views.assignments()::get, accounts::get),
                        views.assignments()::edition,
                        accounts::edition),
                new Capabilities(),
                new GraphHosts(baseUrls),
                new Forwarder(
                        clients,
                        outbound,
                        tokens,
                        new Throttling(throttle, people),
                        batches,
                        kept,
                        pace,
                        audit,
                        tracing,
                        new Calls(meters),
                        new OperationMeters(meters),
                        graph.connectTimeout(),
                        graph.answerTimeout()),
                withoutSlash(suite.proxyUrl()).toString());
    }

    void install(@Observes Router router) {
        router.route().order(BEFORE_THE_BODY_LIMIT).handler(route);
        pace.start(vertx);
        vertx.setPeriodic(SWEEP_EVERY_MS, tick -> {
            tokens.sweep();
            throttle.sweep();
        });
    }

    @PreDestroy
    void close() {
        clients.close();
        toAuth.close();
        batches.close();
    }

    private static HttpClientOptions clientOptions(Outbound outbound, GraphConfig graph) {
        HttpClientOptions options = new HttpClientOptions();
        outbound.trustManager().ifPresent(trust -> options.setTrustOptions(TrustOptions.wrap(trust)));
        return options.setConnectTimeout(Math.toIntExact(graph.connectTimeout().toMillis()))
                .setIdleTimeout(Math.toIntExact(graph.stallTimeout().toSeconds()))
                .setMaxHeaderSize(LONGEST_HEADERS)
                .setDecompressionSupported(false);
    }

    /** Asked in every call. */
    private static boolean ready(List<TopicView<?>> views) {
        for (TopicView<?> view : views) {
            if (!view.ready()) {
                return false;
            }
        }
        return true;
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
