package org.m365connector.sync.watch;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.events.AccountName;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.graph.LoginCapabilities;

/** Makes, shows and ends watches. Graph is asked later, by workers. */
@ApplicationScoped
class WatchService {
    private final Watches watches;
    private final Containers containers;
    private final SubscriptionViews subscriptions;
    private final Entitlements entitlements;
    private final LoginCapabilities capabilities;
    private final PollingConfig polling;
    private final Clock clock;

    WatchService(
            Watches watches,
            Containers containers,
            SubscriptionViews subscriptions,
            Entitlements entitlements,
            LoginCapabilities capabilities,
            PollingConfig polling,
            Clock clock) {
        this.watches = watches;
        this.containers = containers;
        this.subscriptions = subscriptions;
        this.entitlements = entitlements;
        this.capabilities = capabilities;
        this.polling = polling;
        this.clock = clock;
    }

    @Transactional
    WatchView create(PortalId portal, RegistrationName registration, WatchRequest request) {
        return create(portal, registration, UUID.randomUUID().toString(), request);
    }

    /** Where there is a watch of this id already, that one. */
    @Transactional
    WatchView create(PortalId portal, RegistrationName registration, String id, WatchRequest request) {
        Optional<Watch> before = watches.of(portal, registration, id);
        return before.map(this::view).orElseGet(() -> make(portal, registration, id, request));
    }

    private WatchView make(PortalId portal, RegistrationName registration, String id, WatchRequest request) {
        request.check();
        entitlements.requireToStay(portal, registration);
        entitlements.require(portal, request.kind().feature());
        capabilities.require(
                new Acting(portal, registration, request.portaluser(), request.account()), request.operation());
        Watch watch = new Watch();
        watch.id = id;
        watch.portal = portal.value();
        watch.registration = registration.value();
        watch.kind = request.kind().word();
        watch.resource = new String(EventCodec.bytes(request.resource()), StandardCharsets.UTF_8);
        watch.portalUser = request.portaluser().map(PortalUser::value).orElse(null);
        watch.account = request.account().map(AccountName::value).orElse(null);
        watch.filter = request.filter().map(JsonNode::toString).orElse(null);
        watch.content = request.content();
        watch.includeOwn = request.includeOwn();
        watch.rich = request.richNotifications();
        watch.createdAt = clock.instant();
        watch.become(Watch.State.NEW, clock.instant());
        watches.persist(watch);
        return view(watch);
    }

    @Transactional
    Optional<WatchView> get(PortalId portal, RegistrationName registration, String id) {
        return watches.of(portal, registration, id).map(this::view);
    }

    @Transactional
    List<WatchView> list(PortalId portal, RegistrationName registration, String after, int limit) {
        return watches.page(portal, registration, after, limit).stream()
                .map(this::view)
                .toList();
    }

    /** @return false where there is no such watch */
    @Transactional
    boolean end(PortalId portal, RegistrationName registration, String id) {
        Optional<Watch> watch = watches.locked(portal, registration, id);
        watch.filter(found -> found.state() != Watch.State.ENDING).ifPresent(this::end);
        return watch.isPresent();
    }

    /** What is watched, and its parts, is looked at as a whole; also what counts as gone. */
    @Transactional
    Optional<WatchView> resync(PortalId portal, RegistrationName registration, String id) {
        Optional<Watch> watch = watches.of(portal, registration, id);
        watch.filter(found -> found.state() == Watch.State.WATCHING).ifPresent(found -> {
            startOver(found);
            // The whole's lock before its parts', as everywhere.
            watches.parts(List.of(found.id)).stream()
                    .filter(part -> part.state() == Watch.State.WATCHING)
                    .sorted(Comparator.comparing(part -> part.containerId))
                    .forEach(this::startOver);
        });
        return watch.map(this::view);
    }

    private void startOver(Watch watch) {
        Optional.ofNullable(containers.locked(watch.containerId))
                .ifPresent(container -> container.startOver(clock.instant()));
    }

    private void end(Watch watch) {
        watch.become(Watch.State.ENDING, clock.instant());
        watches.parts(List.of(watch.id)).stream()
                .filter(part -> part.state() != Watch.State.ENDING)
                .forEach(part -> part.become(Watch.State.ENDING, clock.instant()));
    }

    private WatchView view(Watch watch) {
        Optional<Container> container = Optional.ofNullable(watch.containerId).map(containers::findById);
        Optional<WatchView.SubscriptionView> subscription = container.flatMap(found -> subscriptions.of(found.id()));
        Optional<String> whyPolled = container.flatMap(found -> subscriptions.whyPolled(found.id()));
        boolean gone = container.filter(found -> found.absence().isGone()).isPresent();
        Optional<String> problem = gone
                ? Optional.of(SyncProblem.CONTAINER_GONE.slug())
                : Optional.ofNullable(watch.problem).or(() -> container.flatMap(Container::problem));
        boolean goesOn = watch.state() == Watch.State.NEW || watch.state() == Watch.State.WATCHING;
        boolean served =
                !goesOn || entitlements.allow(watch.portal(), watch.kind().feature());
        return new WatchView(
                watch.id,
                watch.portal,
                watch.registration,
                watch.kind(),
                watch.thing(),
                Optional.ofNullable(watch.portalUser),
                Optional.ofNullable(watch.account),
                watch.filterAsAsked(),
                watch.content,
                watch.includeOwn,
                watch.rich,
                served ? stateName(watch, container, subscription, whyPolled) : "paused",
                served ? problem : Optional.of(Entitlements.REFUSED),
                watch.createdAt,
                container.map(Container::path),
                subscription,
                container.filter(found -> !gone).map(found -> Updates.of(whyPolled, watch.kind(), polling)),
                container.flatMap(Container::lastHintAt),
                container.flatMap(Container::lastRoundAt),
                container.map(Container::hasUnservedHints).orElse(false));
    }

    private String stateName(
            Watch watch,
            Optional<Container> container,
            Optional<WatchView.SubscriptionView> subscription,
            Optional<String> whyPolled) {
        return switch (watch.state()) {
            case NEW -> "pending";
            case REFUSED -> "refused";
            case ENDING -> "ending";
            case WATCHING -> {
                if (container.filter(found -> found.absence().isGone()).isPresent()) {
                    yield "gone";
                }
                boolean subscribed = whyPolled.isPresent()
                        || subscription.flatMap(WatchView.SubscriptionView::id).isPresent();
                boolean begun = container.map(found -> !found.baseline()).orElse(false);
                boolean parts = watch.kind().part().isEmpty()
                        || !watches.partsArePending(
                                watch.id,
                                subscriptions.wanted() && !watch.kind().tellsOfParts());
                yield subscribed && begun && parts ? "active" : "pending";
            }
        };
    }
}
