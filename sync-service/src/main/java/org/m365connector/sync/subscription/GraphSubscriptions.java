package org.m365connector.sync.subscription;

import com.microsoft.graph.models.Subscription;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.watch.Container;

/** Graph's side of subscriptions: each method one call, or a few that belong together. */
final class GraphSubscriptions {
    private static final Pattern MINUTES = Pattern.compile("(\\d+) minutes");

    private final GraphServiceClient client;
    private final String notificationUrl;
    private final String lifecycleUrl;

    GraphSubscriptions(GraphServiceClient client, URI publicUrl) {
        this.client = client;
        String base = publicUrl.toString().replaceAll("/+$", "");
        this.notificationUrl = base + "/notifications";
        this.lifecycleUrl = base + "/lifecycle";
    }

    /** An id and when it ends. */
    record Alive(String id, Instant expiresAt) {
        static Alive of(Subscription subscription) {
            return new Alive(
                    subscription.getId(), subscription.getExpirationDateTime().toInstant());
        }
    }

    /** Graph calls the door before this returns. */
    Alive create(Container container, String clientState, Instant expires) {
        Subscription wanted = new Subscription();
        wanted.setChangeType("created,updated,deleted");
        wanted.setNotificationUrl(notificationUrl);
        wanted.setLifecycleNotificationUrl(lifecycleUrl);
        wanted.setResource(resource(container));
        wanted.setExpirationDateTime(expires.atOffset(ZoneOffset.UTC));
        wanted.setClientState(clientState);
        return Alive.of(client.subscriptions()
                .post(wanted, request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS)));
    }

    Alive renew(String id, Instant expires) {
        Subscription longer = new Subscription();
        longer.setExpirationDateTime(expires.atOffset(ZoneOffset.UTC));
        return Alive.of(client.subscriptions().bySubscriptionId(id).patch(longer));
    }

    /** Deleting what is gone already is fine. */
    void delete(String id) {
        try {
            client.subscriptions().bySubscriptionId(id).delete();
        } catch (GraphException e) {
            if (!(e.failure() instanceof GraphFailure.Refused refused && refused.status() == 404)) {
                throw e;
            }
        }
    }

    /** Ids of those on this container that report to our door. Graph does not tell their client states. */
    List<String> onSame(Container container) {
        return ofOurDoor().stream()
                .filter(one -> sameResource(one.getResource(), resource(container)))
                .map(Subscription::getId)
                .toList();
    }

    /** Ids of all that this account can see and that report to our door. */
    List<String> all() {
        return ofOurDoor().stream().map(Subscription::getId).toList();
    }

    private List<Subscription> ofOurDoor() {
        List<Subscription> all = new ArrayList<>();
        var page = client.subscriptions().get();
        while (page != null) {
            all.addAll(page.getValue() == null ? List.of() : page.getValue());
            String next = page.getOdataNextLink();
            page = next == null
                    ? null
                    : client.subscriptions()
                            .withUrl(GraphAccess.absolute(client, GraphAccess.relative(next)))
                            .get();
        }
        return all.stream()
                .filter(one -> notificationUrl.equals(one.getNotificationUrl()))
                .toList();
    }

    /** The bound that Graph named, where a refusal is about the life that was asked for. */
    static Optional<Optional<Integer>> lifeTooLong(GraphFailure failure) {
        if (!(failure instanceof GraphFailure.Refused refused)
                || refused.status() != 400
                || !refused.message().toLowerCase(java.util.Locale.ROOT).contains("expiration")) {
            return Optional.empty();
        }
        Matcher minutes = MINUTES.matcher(refused.message());
        return Optional.of(minutes.find() ? Optional.of(Integer.parseInt(minutes.group(1))) : Optional.empty());
    }

    private static String resource(Container container) {
        return "/" + container.path() + "/messages";
    }

    private static boolean sameResource(String one, String other) {
        return one != null && one.replaceAll("^/", "").equals(other.replaceAll("^/", ""));
    }
}
