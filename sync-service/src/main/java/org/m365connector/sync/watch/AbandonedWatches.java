package org.m365connector.sync.watch;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.sync.portal.PortalEnded;
import org.m365connector.sync.portal.PortalLives;
import org.m365connector.sync.portal.RegistrationEnded;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.view.Views;

/**
 * Ends watches of portals, registrations and portal users that end or are gone, as if the portal had ended them: so their
 * subscriptions are deleted at Graph while that is still possible. Who is only missing must be so for a while, since a view may
 * be late; and where no portal at all is known, something else is wrong.
 */
@ApplicationScoped
class AbandonedWatches {
    private static final Logger LOG = Logger.getLogger(AbandonedWatches.class);
    private static final Duration SURE_AFTER = Duration.ofMinutes(10);

    private final Watches watches;
    private final Views views;
    private final PortalLives lives;
    private final Clock clock;
    private final boolean active;
    private final Map<Owner, Instant> missingSince = new HashMap<>();

    AbandonedWatches(Watches watches, Views views, PortalLives lives, RolesConfig roles, Clock clock) {
        this.watches = watches;
        this.views = views;
        this.lives = lives;
        this.clock = clock;
        this.active = roles.roles().contains(Role.INBOUND);
    }

    /** For whom watches were made. */
    record Owner(PortalId portal, RegistrationName registration, Optional<PortalUser> user) {}

    void start(@Observes StartupEvent event) {
        if (active) {
            viewsAreComplete();
        }
    }

    @Scheduled(every = "5s", delayed = "5s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        if (!active || !viewsAreComplete() || views.portals().size() == 0) {
            return;
        }
        Set<Owner> missing = new HashSet<>();
        for (Owner owner : watches.owners()) {
            switch (standing(owner)) {
                case STAYS -> {}
                case ENDING -> end(owner);
                case MISSING -> {
                    missing.add(owner);
                    Instant since = missingSince.computeIfAbsent(owner, first -> clock.instant());
                    if (clock.instant().isAfter(since.plus(SURE_AFTER))) {
                        end(owner);
                    }
                }
            }
        }
        missingSince.keySet().retainAll(missing);
    }

    /** It may have been onboarded again since, and is never missed then. */
    void ended(@Observes PortalEnded end) {
        int ended = watches.endOfLife(end.portal(), end.version());
        if (ended > 0) {
            LOG.infof("watches end with their portal portal=%s watches=%d", end.portal(), ended);
        }
    }

    /** There may be another one of its name since, which is never missed then. */
    void ended(@Observes RegistrationEnded end) {
        int ended = watches.endOfLife(end);
        if (ended > 0) {
            LOG.infof(
                    "watches end with their registration portal=%s registration=%s watches=%d",
                    end.portal(), end.registration(), ended);
        }
    }

    /** What a replica of before has made, it has made for the portal and the registration as they are. */
    @Scheduled(every = "10m", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void noteLives() {
        if (active && viewsAreComplete()) {
            watches.portalsOfUnknownLife()
                    .forEach(portal -> lives.version(portal).ifPresent(version -> watches.noteLife(portal, version)));
            watches.registrationsOfUnknownLife()
                    .forEach(registration -> lives.version(registration.portal(), registration.name())
                            .ifPresent(version -> watches.noteLife(registration, version)));
        }
    }

    private void end(Owner owner) {
        int ended = watches.endOf(owner);
        LOG.infof(
                "watches end with those they were made for portal=%s registration=%s user=%s watches=%d",
                owner.portal(),
                owner.registration(),
                owner.user().map(PortalUser::value).orElse(""),
                ended);
    }

    private Standing standing(Owner owner) {
        return Standing.of(
                views.portals().get(owner.portal().value()),
                views.registrations().get(RegistrationRecord.key(owner.portal(), owner.registration())),
                owner.user().isEmpty()
                        || views.assignments()
                                .get(AssignmentsRecord.key(
                                        owner.portal(),
                                        owner.registration(),
                                        owner.user().get()))
                                .isPresent());
    }

    private boolean viewsAreComplete() {
        return Stream.of(views.portals(), views.registrations(), views.assignments())
                .allMatch(view -> view.ready() && !view.stale());
    }
}
