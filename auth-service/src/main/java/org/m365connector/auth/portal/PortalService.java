package org.m365connector.auth.portal;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.hibernate.exception.ConstraintViolationException;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.Page;
import org.m365connector.auth.RecordVersions;
import org.m365connector.auth.Secrets;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.problem.ProblemException;

/** Changes of portals and keys, each told on {@code m365.portals}. */
@ApplicationScoped
class PortalService {

    private static final Logger LOG = Logger.getLogger(PortalService.class);

    private final Portals portals;
    private final PortalRemovals removals;
    private final StoredPortalKeys keys;
    private final RecordVersions versions;
    private final Outbox outbox;
    private final Event<PortalEnded> ended;
    private final Event<PortalChanged> changed;
    private final Clock clock;

    PortalService(
            Portals portals,
            PortalRemovals removals,
            StoredPortalKeys keys,
            RecordVersions versions,
            Outbox outbox,
            Event<PortalEnded> ended,
            Event<PortalChanged> changed,
            Clock clock) {
        this.portals = portals;
        this.removals = removals;
        this.keys = keys;
        this.versions = versions;
        this.outbox = outbox;
        this.ended = ended;
        this.changed = changed;
        this.clock = clock;
    }

    /** A portal that has just been made, and the value of its first key. */
    record Made(PortalView portal, NewKey key) {}

    @Transactional
    Made onboard(NewPortal wanted) {
        if (portals.exists(wanted.id())) {
            throw new ProblemException(AuthProblem.PORTAL_EXISTS, wanted.id());
        }
        Portal portal = Portal.of(wanted, clock.instant());
        try {
            portals.persistAndFlush(portal);
        } catch (ConstraintViolationException e) {
            // Somebody else has onboarded it since it was looked for.
            throw new ProblemException(AuthProblem.PORTAL_EXISTS, wanted.id());
        }
        removals.onboarded(wanted.id());
        NewKey key = makeKey(wanted.id());
        announce(portal);
        changed.fire(new PortalChanged(portal));
        LOG.infof("Portal onboarded portal=%s", wanted.id());
        return new Made(portal.view(), key);
    }

    @Transactional
    Page<PortalView> list(Optional<String> after) {
        return portals.list(after).map(Portal::view);
    }

    @Transactional
    PortalView get(PortalId id) {
        return portals.get(id).view();
    }

    /** What a portal may use now; a portal that does not exist is not limited. */
    @Transactional
    Entitlement entitlement(PortalId id) {
        return portals.findByIdOptional(id.value()).map(Portal::entitled).orElse(Entitlement.UNLIMITED);
    }

    @Transactional
    PortalView change(PortalId id, PortalPatch patch) {
        Portal portal = portals.getLocked(id);
        portal.change(patch);
        announce(portal);
        changed.fire(new PortalChanged(portal));
        return portal.view();
    }

    /**
     * Nothing new begins; it is removed when its subscriptions at Graph are gone, or their time is over.
     *
     * @param atOnce whether it is removed without waiting for that
     */
    @Transactional
    void end(PortalId id, boolean atOnce) {
        Portal portal = portals.getLocked(id);
        if (atOnce) {
            remove(portal);
        } else if (!portal.isEnding()) {
            portal.end(clock.instant());
            announce(portal, PortalRecord.ENDING);
            LOG.infof("Portal ends portal=%s", id);
        }
    }

    /** Its subscriptions are gone, or their time is over. */
    @Transactional
    void finish(PortalId id) {
        portals.findByIdOptional(id.value(), LockModeType.PESSIMISTIC_WRITE)
                .filter(Portal::isEnding)
                .ifPresent(this::remove);
    }

    private void remove(Portal portal) {
        PortalId id = portal.id();
        // First, so that whoever lets go sees all that was kept for it.
        removals.removed(id);
        ended.fire(new PortalEnded(id));
        portals.delete(portal);
        portals.flush();
        outbox.tombstone(Topics.PORTALS, id.value(), versions.next());
        LOG.infof("Portal removed portal=%s", id);
    }

    @Transactional
    NewKey addKey(PortalId id) {
        Portal portal = portals.getLocked(id);
        NewKey key = makeKey(id);
        announce(portal);
        return key;
    }

    @Transactional
    List<KeyView> keys(PortalId id) {
        portals.get(id);
        return keys.of(id).stream().map(PortalKey::view).toList();
    }

    @Transactional
    void removeKey(PortalId id, String keyId) {
        Portal portal = portals.getLocked(id);
        List<PortalKey> all = keys.of(id);
        PortalKey key = all.stream()
                .filter(candidate -> candidate.id.equals(keyId))
                .findFirst()
                .orElseThrow(() -> new ProblemException(AuthProblem.KEY_UNKNOWN, keyId));
        if (all.size() == 1) {
            throw new ProblemException(AuthProblem.LAST_KEY);
        }
        keys.delete(key);
        keys.flush();
        announce(portal);
        LOG.infof("Portal key removed portal=%s key=%s", id, keyId);
    }

    private NewKey makeKey(PortalId portal) {
        String value = Secrets.random();
        PortalKey key = PortalKey.of(portal, value, clock.instant());
        keys.persistAndFlush(key);
        return new NewKey(key.id, value, key.createdAt);
    }

    private void announce(Portal portal) {
        announce(portal, PortalRecord.TYPE);
    }

    private void announce(Portal portal, String type) {
        portal.changed(versions.next());
        PortalRecord record = portal.record(keys.hashesOf(portal.id()));
        outbox.add(
                Topics.PORTALS,
                record.key(),
                org.m365connector.events.Event.of(
                        record.key() + "/" + record.version(),
                        URI.create("/m365/" + record.portalId() + "/auth"),
                        type,
                        clock.instant(),
                        record));
    }
}
