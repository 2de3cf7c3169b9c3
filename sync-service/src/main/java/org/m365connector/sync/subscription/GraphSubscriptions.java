package org.m365connector.sync.subscription;

import com.microsoft.graph.models.Subscription;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.rich.NotificationKeys;
import org.m365connector.sync.watch.Container;

/** Graph's side of subscriptions: each method one call, or a few that belong together. */
final class GraphSubscriptions {
    private static final Pattern MINUTES = Pattern.compile("(\\d+) minutes");

    private final GraphServiceClient client;
    private final String notificationUrl;
    private final String lifecycleUrl;

    GraphSubscriptions(GraphServiceClient client, URI publicUrl) {
        this.client = client;
        this.notificationUrl = notificationUrl(publicUrl);
        this.lifecycleUrl = base(publicUrl) + "/lifecycle";
    }

    /** Where our door takes notifications. */
    static String notificationUrl(URI publicUrl) {
        return base(publicUrl) + "/notifications";
    }

    private static String base(URI publicUrl) {
        return publicUrl.toString().replaceAll("/+$", "");
    }

    /** An id, when it ends, and where it reports to. */
    record Alive(String id, Instant expiresAt, String notificationUrl) {}

    private Alive alive(Subscription subscription) {
        return new Alive(
                subscription.getId(),
                subscription.getExpirationDateTime().toInstant(),
                isOurs(subscription) ? notificationUrl : subscription.getNotificationUrl());
    }

    /** Whether it reports to our door, in whatever way that is written; and where nothing is said. */
    private boolean isOurs(Subscription subscription) {
        String told = subscription.getNotificationUrl();
        return told == null || isSame(told, notificationUrl);
    }

    /** Graph may write an address otherwise than it was given. */
    static boolean isSame(String one, String other) {
        try {
            URL here = new URL(one);
            URL there = new URL(other);
            return here.getProtocol().equalsIgnoreCase(there.getProtocol())
                    && here.getHost().equalsIgnoreCase(there.getHost())
                    && port(here) == port(there)
                    && here.getFile().equals(there.getFile());
        } catch (MalformedURLException e) {
            return one.equals(other);
        }
    }

    private static int port(URL url) {
        return url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
    }

    /** Graph calls the door before this returns. */
    Alive create(Container container, String clientState, Instant expires, Optional<NotificationKeys.PublicPart> rich) {
        Subscription wanted = new Subscription();
        wanted.setChangeType(container.kind().changeTypes());
        wanted.setNotificationUrl(notificationUrl);
        wanted.setLifecycleNotificationUrl(lifecycleUrl);
        wanted.setResource(resource(container) + (rich.isPresent() ? RichResources.query(container.kind()) : ""));
        rich.ifPresent(key -> {
            wanted.setIncludeResourceData(true);
            wanted.setEncryptionCertificate(key.base64());
            wanted.setEncryptionCertificateId(key.id());
        });
        wanted.setExpirationDateTime(expires.atOffset(ZoneOffset.UTC));
        wanted.setClientState(clientState);
        Alive made = alive(client.subscriptions()
                .post(wanted, request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS)));
        return new Alive(made.id(), made.expiresAt(), notificationUrl);
    }

    /** @param key for which Graph encrypts from now on, where that is another one */
    Alive renew(String id, Instant expires, Optional<NotificationKeys.PublicPart> key) {
        Subscription longer = new Subscription();
        longer.setExpirationDateTime(expires.atOffset(ZoneOffset.UTC));
        key.ifPresent(other -> {
            longer.setEncryptionCertificate(other.base64());
            longer.setEncryptionCertificateId(other.id());
        });
        return alive(client.subscriptions().bySubscriptionId(id).patch(longer));
    }

    /** Has it report to our door, where that has moved. Graph calls the door before this returns. */
    void moveHere(String id) {
        Subscription moved = new Subscription();
        moved.setNotificationUrl(notificationUrl);
        client.subscriptions().bySubscriptionId(id).patch(moved);
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
        return ofOurDoor(one -> sameResource(one.getResource(), resource(container)));
    }

    /** Ids of all that this account can see and that report to our door. */
    List<String> all() {
        return ofOurDoor(one -> true);
    }

    /** An app may have ten thousands of them: no more than a page is held, and the ids. */
    private List<String> ofOurDoor(Predicate<Subscription> wanted) {
        List<String> ids = new ArrayList<>();
        var page = client.subscriptions().get();
        while (page != null) {
            for (Subscription one : page.getValue() == null ? List.<Subscription>of() : page.getValue()) {
                if (one.getNotificationUrl() != null && isOurs(one) && wanted.test(one)) {
                    ids.add(one.getId());
                }
            }
            String next = page.getOdataNextLink();
            page = next == null
                    ? null
                    : client.subscriptions()
                            .withUrl(GraphAccess.absolute(client, GraphAccess.relative(next)))
                            .get();
        }
        return ids;
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
        return "/" + container.kind().subscribed(container.path()).orElseThrow();
    }

    private static boolean sameResource(String one, String other) {
        return one != null && bare(one).equals(bare(other));
    }

    /** Without what is selected. */
    private static String bare(String resource) {
        return resource.replaceAll("^/", "").replaceAll("\\?.*", "");
    }
}
