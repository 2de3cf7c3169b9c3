package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Opaque;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Switches;

/** The calls on {@code /subscriptions}. */
public final class SubscriptionCalls {

    private static final Properties PROPERTIES = new Properties(
            "microsoft.graph.subscription",
            "id",
            "applicationId",
            "changeType",
            "clientState",
            "creatorId",
            "encryptionCertificate",
            "encryptionCertificateId",
            "expirationDateTime",
            "includeResourceData",
            "latestSupportedTlsVersion",
            "lifecycleNotificationUrl",
            "notificationContentType",
            "notificationQueryOptions",
            "notificationUrl",
            "notificationUrlAppId",
            "resource");

    private final Subscriptions subscriptions;
    private final Handshake handshake;
    private final SubscribedResources resources;
    private final Switches switches;
    private final boolean loopbackHttp;
    private final Clock clock;
    private final Opaque opaque = new Opaque();

    /** Where a page begins. */
    record Place(int from) {}

    /** @param loopbackHttp whether a URL on this machine may do without https */
    public SubscriptionCalls(
            Subscriptions subscriptions,
            SubscribedResources resources,
            Switches switches,
            boolean loopbackHttp,
            Clock clock) {
        this.subscriptions = subscriptions;
        this.handshake = new Handshake(subscriptions.webhooks(), switches);
        this.resources = resources;
        this.switches = switches;
        this.loopbackHttp = loopbackHttp;
        this.clock = clock;
    }

    public void addTo(RouteTable routes) {
        routes.add(Route.unchecked("POST", "/subscriptions", this::create));
        routes.add(Route.unchecked("GET", "/subscriptions", call -> Future.succeededFuture(list(call))));
        routes.add(Route.unchecked("GET", "/subscriptions/{id}", call -> Future.succeededFuture(get(call))));
        routes.add(Route.unchecked("PATCH", "/subscriptions/{id}", this::update));
        routes.add(Route.unchecked("DELETE", "/subscriptions/{id}", call -> Future.succeededFuture(delete(call))));
        routes.add(Route.unchecked(
                "POST", "/subscriptions/{id}/reauthorize", call -> Future.succeededFuture(reauthorize(call))));
    }

    private Future<Reply> create(Call call) {
        ObjectNode body = call.body();
        PROPERTIES.check(body);
        String changeTypeText = required(body, "changeType");
        Set<ChangeType> types = changeTypes(changeTypeText);
        String resource = required(body, "resource");
        String notificationUrl = checkedUrl("notificationUrl", required(body, "notificationUrl"));
        Optional<String> lifecycleUrl =
                optional(body, "lifecycleNotificationUrl").map(url -> checkedUrl("lifecycleNotificationUrl", url));
        Optional<String> clientState = optional(body, "clientState");
        int longest = switches.number("subscription.clientStateMaxChars");
        if (clientState.filter(state -> state.length() > longest).isPresent()) {
            throw invalid("clientState must not be longer than " + longest + " characters.");
        }
        Target target = resources.opened(call.caller(), resource);
        if (target.onlyUpdated() && !types.equals(Set.of(ChangeType.UPDATED))) {
            throw invalid("The only change type that is supported for this resource is 'updated'.");
        }
        if (target.onlyUpdated() && body.path("includeResourceData").asBoolean()) {
            throw invalid("Resource data is not supported for this resource.");
        }
        Optional<ResourceData> resourceData = ResourceData.of(
                body,
                target.teams(),
                SubscribedResources.options(resource),
                switches.number("subscription.encryptionCertificateIdMaxChars"));
        Instant asked = expiry(body);
        Instant expiresAt = granted(asked, target, resourceData.isPresent());
        boolean longLife = Duration.between(clock.instant(), asked)
                        .compareTo(switches.seconds("subscription.lifecycleUrlRequiredForTeamsAboveSeconds"))
                > 0;
        if (target.teams() && longLife && lifecycleUrl.isEmpty()) {
            throw invalid("'lifecycleNotificationUrl' is a required property for subscription creation on this resource"
                    + " when the 'expirationDateTime' value is set to greater than 1 hour.");
        }
        checkNew(call.caller(), target, types);
        Future<Void> validated = handshake.withNotificationUrl(notificationUrl);
        if (lifecycleUrl.isPresent()) {
            validated = validated.compose(ok -> handshake.withLifecycleUrl(lifecycleUrl.get()));
        }
        return validated.map(ok -> {
            checkNew(call.caller(), target, types);
            Subscription subscription = new Subscription(
                    UUID.randomUUID().toString(),
                    resource,
                    target,
                    types,
                    changeTypeText,
                    call.caller(),
                    clientState,
                    notificationUrl,
                    lifecycleUrl,
                    call.prefer().immutableIds(),
                    clock.instant(),
                    expiresAt);
            subscription.resourceData = resourceData;
            subscription.authority = call.base().replaceFirst("/(v1\\.0|beta)$", "");
            subscriptions.add(subscription);
            return Reply.created(entity(call, subscription, true));
        });
    }

    private Reply list(Call call) {
        for (String name : call.query().names()) {
            if (!name.equals("skiptoken")) {
                throw GraphError.badRequest("The query option '" + name + "' is not supported on subscriptions.");
            }
        }
        List<Subscription> visible = subscriptions.alive().stream()
                .filter(subscription -> subscription.visibleTo(call.caller()))
                .toList();
        int from = call.query()
                .text("skiptoken")
                .map(token ->
                        opaque.open(token, Place.class).orElseThrow(() -> GraphError.badRequest("Invalid skip token.")))
                .map(Place::from)
                .orElse(0);
        int start = Math.min(from, visible.size());
        int end = Math.min(start + switches.number("paging.subscriptions.default"), visible.size());
        ObjectNode page = Json.object().put("@odata.context", call.context("subscriptions"));
        if (end < visible.size()) {
            page.put("@odata.nextLink", call.link(call.query().with("skiptoken", opaque.seal(new Place(end)))));
        }
        ArrayNode value = page.putArray("value");
        visible.subList(start, end).forEach(subscription -> value.add(subscription.shown(false)));
        return Reply.ok(page);
    }

    private Reply get(Call call) {
        return Reply.ok(entity(call, found(call), false));
    }

    private Future<Reply> update(Call call) {
        Subscription subscription = found(call);
        ObjectNode body = call.body();
        PROPERTIES.check(body);
        Optional<String> url = optional(body, "notificationUrl").map(text -> checkedUrl("notificationUrl", text));
        boolean renews = body.hasNonNull("expirationDateTime");
        if (url.isEmpty() && !renews) {
            throw invalid("expirationDateTime or notificationUrl is required to update a subscription.");
        }
        resources.opened(call.caller(), subscription.resource);
        Optional<Instant> expiresAt = renews
                ? Optional.of(granted(expiry(body), subscription.target, subscription.resourceData.isPresent()))
                : Optional.empty();
        Optional<ResourceData> rotated = rotated(body, subscription);
        Future<Void> validated = url.map(handshake::withNotificationUrl).orElse(Future.succeededFuture());
        return validated.map(ok -> {
            url.ifPresent(text -> subscription.notificationUrl = text);
            rotated.ifPresent(data -> subscription.resourceData = Optional.of(data));
            expiresAt.ifPresent(until -> subscription.renew(clock.instant(), until, call.caller()));
            return Reply.ok(entity(call, subscription, false));
        });
    }

    /** Certificate and id come together, and only where there is resource data. */
    private Optional<ResourceData> rotated(ObjectNode body, Subscription subscription) {
        Optional<String> certificate = optional(body, "encryptionCertificate");
        Optional<String> id = optional(body, "encryptionCertificateId");
        if (certificate.isEmpty() && id.isEmpty()) {
            return Optional.empty();
        }
        if (certificate.isEmpty() || id.isEmpty() || subscription.resourceData.isEmpty()) {
            throw invalid("encryptionCertificate and encryptionCertificateId are updated together, and only of a"
                    + " subscription with resource data.");
        }
        return subscription.resourceData.map(data -> data.with(
                certificate.get(), id.get(), switches.number("subscription.encryptionCertificateIdMaxChars")));
    }

    private Reply reauthorize(Call call) {
        Subscription subscription = found(call);
        resources.opened(call.caller(), subscription.resource);
        subscription.reauthorize(clock.instant(), call.caller());
        return Reply.noContent();
    }

    private Reply delete(Call call) {
        subscriptions.remove(found(call));
        return Reply.noContent();
    }

    private Subscription found(Call call) {
        return subscriptions
                .find(call.id(0))
                .filter(subscription -> subscription.visibleTo(call.caller()))
                .orElseThrow(GraphError::subscriptionNotFound);
    }

    private void checkNew(Caller caller, Target target, Set<ChangeType> types) {
        if (switches.flag("subscription.refuseDuplicates") && subscriptions.exists(caller.clientId(), target, types)) {
            if (target.teams()) {
                throw GraphError.of(
                        409,
                        "ExtensionError",
                        "Operation: Create; Exception: [Status Code: Conflict; Reason: A subscripton already exists. It"
                                + " must be deleted before a another can be made.]");
            }
            throw GraphError.of(409, "Conflict", "Subscription Id <> already exists for the requested combination");
        }
        if (target.inMailbox().isPresent()) {
            long held = subscriptions.alive().stream()
                    .filter(subscription -> subscription.target.inMailbox().equals(target.inMailbox()))
                    .count();
            if (held >= switches.number("subscription.quota.outlookPerMailbox")) {
                throw GraphError.forbidden("The mailbox has reached its limit of subscriptions.");
            }
        } else if (target.teams()
                && subscriptions.alive().stream()
                                .filter(subscription ->
                                        subscription.target.teams() && subscription.tenantId.equals(caller.tenantId()))
                                .count()
                        >= switches.number("subscription.quota.teamsPerTenant")) {
            throw GraphError.forbidden("The organization has reached its limit of Teams subscriptions.");
        }
    }

    /** The lower bound is lifted silently, the upper one is refused. */
    private Instant granted(Instant asked, Target target, boolean rich) {
        Instant now = clock.instant();
        String life = rich && !target.teams() ? target.life() + "Rich" : target.life();
        Duration longest = switches.seconds("subscription.maxSeconds." + life);
        // A little leeway for the caller's clock.
        if (asked.isAfter(now.plus(longest).plusSeconds(60))) {
            throw invalid("Subscription expiration can only be " + longest.toMinutes() + " minutes in the future.");
        }
        Duration shortest = switches.seconds("subscription.minSeconds");
        Instant lifted = asked.isBefore(now.plus(shortest)) ? now.plus(shortest) : asked;
        Duration cap = switches.seconds("subscription.grantAtMostSeconds");
        return !cap.isZero() && lifted.isAfter(now.plus(cap)) ? now.plus(cap) : lifted;
    }

    private static Instant expiry(ObjectNode body) {
        String text = required(body, "expirationDateTime");
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw invalid("Invalid 'expirationDateTime': '" + text + "'.");
        }
    }

    private static Set<ChangeType> changeTypes(String text) {
        Set<ChangeType> types = EnumSet.noneOf(ChangeType.class);
        for (String part : text.split(",", -1)) {
            boolean known = false;
            for (ChangeType type : ChangeType.values()) {
                if (type.text().equalsIgnoreCase(part.trim())) {
                    types.add(type);
                    known = true;
                }
            }
            if (!known) {
                throw invalid("Invalid 'changeType': '" + text + "'.");
            }
        }
        return types;
    }

    private String checkedUrl(String name, String text) {
        try {
            URI url = URI.create(text);
            String host = url.getHost() == null ? "" : url.getHost();
            boolean secure = "https".equalsIgnoreCase(url.getScheme());
            boolean here = Set.of("localhost", "127.0.0.1", "[::1]").contains(host);
            if (!host.isEmpty() && (secure || (loopbackHttp && here && "http".equalsIgnoreCase(url.getScheme())))) {
                return text;
            }
        } catch (IllegalArgumentException e) {
            // Answered below like a URL without https.
        }
        throw invalid("The '" + name + "' must be an absolute https URL: '" + text + "'.");
    }

    private static String required(ObjectNode body, String name) {
        return optional(body, name)
                .orElseThrow(() -> invalid("'" + name + "' is a required property for subscription creation."));
    }

    private static Optional<String> optional(ObjectNode body, String name) {
        JsonNode value = body.path(name);
        return value.isTextual() && !value.textValue().isBlank() ? Optional.of(value.textValue()) : Optional.empty();
    }

    static GraphError invalid(String message) {
        return GraphError.of(400, "InvalidRequest", message);
    }

    private static ObjectNode entity(Call call, Subscription subscription, boolean withClientState) {
        ObjectNode shown = Json.object().put("@odata.context", call.context("subscriptions/$entity"));
        return shown.setAll(subscription.shown(withClientState));
    }
}
