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
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.mail.Mail;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.GraphPath;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Opaque;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.teams.Teams;

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
    private final Mail mail;
    private final Teams teams;
    private final Permissions permissions;
    private final Switches switches;
    private final boolean loopbackHttp;
    private final Clock clock;
    private final Opaque opaque = new Opaque();

    /** Where a page begins. */
    record Place(int from) {}

    /** @param loopbackHttp whether a URL on this machine may do without https */
    public SubscriptionCalls(
            Subscriptions subscriptions,
            Mail mail,
            Teams teams,
            Permissions permissions,
            Switches switches,
            boolean loopbackHttp,
            Clock clock) {
        this.subscriptions = subscriptions;
        this.handshake = new Handshake(subscriptions.webhooks(), switches);
        this.mail = mail;
        this.teams = teams;
        this.permissions = permissions;
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
        if (body.path("includeResourceData").asBoolean()) {
            throw GraphError.of(501, "NotImplemented", "The emulator has no notifications with resource data yet.");
        }
        Target target = target(call.caller(), resource);
        Instant asked = expiry(body);
        Instant expiresAt = granted(asked, target);
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
        target(call.caller(), subscription.resource);
        Optional<Instant> expiresAt =
                renews ? Optional.of(granted(expiry(body), subscription.target)) : Optional.empty();
        Future<Void> validated = url.map(handshake::withNotificationUrl).orElse(Future.succeededFuture());
        return validated.map(ok -> {
            url.ifPresent(text -> subscription.notificationUrl = text);
            expiresAt.ifPresent(until -> subscription.renew(clock.instant(), until, call.caller()));
            return Reply.ok(entity(call, subscription, false));
        });
    }

    private Reply reauthorize(Call call) {
        Subscription subscription = found(call);
        target(call.caller(), subscription.resource);
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

    /** What is subscribed to, if the caller may read it: the same right that reading takes. */
    private Target target(Caller caller, String resource) {
        int question = resource.indexOf('?');
        String path = question < 0 ? resource : resource.substring(0, question);
        Query options =
                Query.parse(question < 0 ? "" : resource.substring(question + 1).replace("+", "%2B"));
        if (path.contains("://")) {
            throw invalid("Invalid 'resource' attribute: '" + resource + "'. It must be a relative path.");
        }
        List<String> parts = GraphPath.segments(path);
        String shape = shape(parts);
        if (shape.startsWith("me/") && caller.isApp()) {
            throw GraphError.badRequest("/me request is only valid with delegated authentication flow.");
        }
        String owner = shape.startsWith("me/") ? caller.id() : parts.size() > 1 ? parts.get(1) : "";
        return switch (shape) {
            case "me/messages", "users/{id}/messages" -> {
                permissions.check(Workload.OUTLOOK, "GET", "/users/{id}/messages", caller);
                yield mails(mail.subscribed(caller, owner, Optional.empty()), options);
            }
            case "me/mailfolders/{id}/messages", "users/{id}/mailfolders/{id}/messages" -> {
                permissions.check(Workload.OUTLOOK, "GET", "/users/{id}/mailFolders/{id}/messages", caller);
                yield mails(mail.subscribed(caller, owner, Optional.of(parts.get(parts.size() - 2))), options);
            }
            case "teams/{id}/channels/{id}/messages" -> {
                permissions.check(Workload.TEAMS, "GET", "/teams/{id}/channels/{id}/messages", caller);
                teams.checkSubscribed(caller, parts.get(1), parts.get(3));
                yield Target.ChannelMessages.of(
                        caller.tenantId(),
                        Optional.of(parts.get(1)),
                        Optional.of(parts.get(3)),
                        options.text("filter"),
                        options.text("search"));
            }
            case "teams/getallmessages" -> {
                permissions.check(Workload.TEAMS, "GET", "/teams/getAllMessages", caller);
                yield Target.ChannelMessages.of(
                        caller.tenantId(),
                        Optional.empty(),
                        Optional.empty(),
                        options.text("filter"),
                        options.text("search"));
            }
            default -> throw invalid("Invalid 'resource' attribute: '" + resource + "'.");
        };
    }

    private static Target mails(Mail.FolderRef folder, Query options) {
        return Target.Mails.of(folder.mailbox(), folder.folderId(), options.text("filter"));
    }

    /** The path with its ids blanked out, in lower case. */
    private static String shape(List<String> parts) {
        Set<String> keyed = Set.of("users", "mailfolders", "teams", "channels");
        StringBuilder shape = new StringBuilder();
        boolean id = false;
        for (String part : parts) {
            String name = part.toLowerCase(Locale.ROOT);
            boolean function = name.equals("getallmessages");
            shape.append(shape.length() == 0 ? "" : "/").append(id && !function ? "{id}" : name);
            id = !id && keyed.contains(name);
        }
        return shape.toString();
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
        if (target instanceof Target.Mails mails) {
            long held = subscriptions.alive().stream()
                    .filter(subscription -> subscription.target instanceof Target.Mails other
                            && other.mailbox().equals(mails.mailbox()))
                    .count();
            if (held >= switches.number("subscription.quota.outlookPerMailbox")) {
                throw GraphError.forbidden("The mailbox has reached its limit of subscriptions.");
            }
        } else if (subscriptions.alive().stream()
                        .filter(subscription ->
                                subscription.target.teams() && subscription.tenantId.equals(caller.tenantId()))
                        .count()
                >= switches.number("subscription.quota.teamsPerTenant")) {
            throw GraphError.forbidden("The organization has reached its limit of Teams subscriptions.");
        }
    }

    /** The lower bound is lifted silently, the upper one is refused. */
    private Instant granted(Instant asked, Target target) {
        Instant now = clock.instant();
        Duration longest =
                switches.seconds(target.teams() ? "subscription.maxSeconds.teams" : "subscription.maxSeconds.outlook");
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

    private static GraphError invalid(String message) {
        return GraphError.of(400, "InvalidRequest", message);
    }

    private static ObjectNode entity(Call call, Subscription subscription, boolean withClientState) {
        ObjectNode shown = Json.object().put("@odata.context", call.context("subscriptions/$entity"));
        return shown.setAll(subscription.shown(withClientState));
    }
}
