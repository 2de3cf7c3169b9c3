package org.m365connector.sync.subscription;

import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.m365connector.access.AccessKeys;
import org.m365connector.events.EventCodec;
import org.m365connector.sync.graph.Neighbours;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;

/**
 * Tells auth-service, which keeps what needs a human, for which registrations Graph's notifications do not come. Every replica does;
 * saying it again is harmless, and what could not be said is said the next time.
 */
@ApplicationScoped
class AttentionReports {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Subscriptions subscriptions;
    private final SubscriptionConfig config;
    private final AccessKeys keys;
    private final URI reports;
    private final Optional<URI> publicUrl;
    private final boolean active;
    private final Map<Subscriptions.Standing, Boolean> told = new HashMap<>();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    AttentionReports(
            Subscriptions subscriptions,
            SubscriptionConfig config,
            AccessKeys keys,
            Neighbours neighbours,
            RolesConfig roles) {
        this.subscriptions = subscriptions;
        this.config = config;
        this.keys = keys;
        this.reports = URI.create(
                neighbours.authUrl().toString().replaceAll("/+$", "") + "/internal/attentions/notifications");
        this.publicUrl = neighbours.publicNotificationUrl();
        // Where there is no public address nothing is missing.
        this.active = roles.roles().contains(Role.INBOUND) && publicUrl.isPresent();
    }

    @Scheduled(
            every = "${m365.sync.subscription.report-every:30s}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tell() {
        if (!active) {
            return;
        }
        Map<Subscriptions.Standing, Boolean> now =
                subscriptions.missing(config.mostMisses(), GraphSubscriptions.notificationUrl(publicUrl.orElseThrow()));
        told.keySet().retainAll(now.keySet());
        now.forEach((registration, missing) -> {
            if (!missing.equals(told.get(registration)) && post(registration, missing)) {
                told.put(registration, missing);
            }
        });
    }

    private boolean post(Subscriptions.Standing of, boolean missing) {
        byte[] body =
                EventCodec.bytes(Map.of("portal", of.portal(), "registration", of.registration(), "missing", missing));
        HttpRequest request = HttpRequest.newBuilder(reports)
                .timeout(TIMEOUT)
                .header("Authorization", keys.serviceAuthorization())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() / 100 == 2;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
