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
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.graph.LoginCapabilities;
import org.m365connector.sync.portal.PortalLives;

/** Makes, shows and ends watches. Graph is asked later, by workers. */
@ApplicationScoped
class WatchService {
    private final Watches watches;
    private final Containers containers;
    private final WatchViews views;
    private final Entitlements entitlements;
    private final LoginCapabilities capabilities;
    private final PortalLives lives;
    private final Clock clock;

    WatchService(
            Watches watches,
            Containers containers,
            WatchViews views,
            Entitlements entitlements,
            LoginCapabilities capabilities,
            PortalLives lives,
            Clock clock) {
        this.watches = watches;
        this.containers = containers;
        this.views = views;
        this.entitlements = entitlements;
        this.capabilities = capabilities;
        this.lives = lives;
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
        return before.map(views::of).orElseGet(() -> make(portal, registration, id, request));
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
        watch.portalVersion = lives.version(portal).orElse(null);
        watch.registrationVersion = lives.version(portal, registration).orElse(null);
        watch.become(Watch.State.NEW, clock.instant());
        watches.persist(watch);
        return views.of(watch);
    }

    @Transactional
    Optional<WatchView> get(PortalId portal, RegistrationName registration, String id) {
        return watches.of(portal, registration, id).map(views::of);
    }

    @Transactional
    List<WatchView> list(PortalId portal, RegistrationName registration, String after, int limit) {
        return watches.page(portal, registration, after, limit).stream()
                .map(views::of)
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
        return watch.map(views::of);
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
}
