package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FlushModeType;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Event;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;

/**
 * Keeps {@code m365.assignments} equal to the table {@code effective_assignments}: what changes there is published in the
 * same transaction. The caller holds the registration's lock, alone or together with the user's, so the versions of a key
 * rise in the order of the commits.
 */
@ApplicationScoped
class Publication {
    private final EntityManager entities;
    private final Outbox outbox;
    private final Clock clock;

    Publication(EntityManager entities, Outbox outbox, Clock clock) {
        this.entities = entities;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** From now on this user may use what the rule says, or nothing where there is none. */
    void say(Registration registration, PortalUser user, Optional<Rule> deciding) {
        var names = deciding.map(rule -> rule.accounts().names()).orElse(List.of());
        var preferred = deciding.map(rule -> rule.accounts().preferred()).orElse(null);
        var id = PublishedAssignments.Id.of(registration, user);
        var row = entities.find(PublishedAssignments.class, id);
        if (row != null && row.says(names, preferred)) {
            return;
        }
        if (row == null) {
            row = new PublishedAssignments(id);
            entities.persist(row);
        }
        var version = nextVersion();
        row.say(names, preferred, version);
        var accounts = deciding.map(rule -> rule.accounts().forRecord()).orElse(List.of());
        publish(new AssignmentsRecord(registration.portal(), registration.name(), user, version, accounts));
    }

    /** This user is not known any more. */
    void end(Registration registration, PortalUser user) {
        var row = entities.find(PublishedAssignments.class, PublishedAssignments.Id.of(registration, user));
        if (row != null) {
            end(registration, row);
        }
    }

    /** Nobody has anything under this registration any more. */
    void endAll(Registration registration) {
        entities.createQuery(
                        "from PublishedAssignments where id.portalId = :portal and id.registration = :registration",
                        PublishedAssignments.class)
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value())
                .getResultList()
                .forEach(row -> end(registration, row));
    }

    private void end(Registration registration, PublishedAssignments row) {
        var key = AssignmentsRecord.key(registration.portal(), registration.name(), row.portalUser());
        entities.remove(row);
        outbox.tombstone(Topics.ASSIGNMENTS, key, nextVersion());
    }

    private void publish(AssignmentsRecord record) {
        var source = URI.create("/m365/" + record.portalId() + "/" + record.registration());
        var id = record.key() + "/" + record.version();
        outbox.add(
                Topics.ASSIGNMENTS,
                record.key(),
                Event.of(id, source, AssignmentsRecord.TYPE, clock.instant(), record)
                        .withSubject(record.portalUser().value()));
    }

    private long nextVersion() {
        // It reads no entity, so there is nothing to flush for it.
        return (Long) entities.createNativeQuery("select nextval('assignments_version')", Long.class)
                .setFlushMode(FlushModeType.COMMIT)
                .getSingleResult();
    }
}
