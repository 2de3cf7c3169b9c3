package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.Session;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/** What has been published, as graph-proxy-service obeys it. */
@ApplicationScoped
public class AssignmentsInForce {
    private static final TypeReference<Map<AccountName, Narrowing>> BY_ACCOUNT = new TypeReference<>() {};

    private final EntityManager entities;

    AssignmentsInForce(EntityManager entities) {
        this.entities = entities;
    }

    /** Whom processes without a user run as. */
    @Transactional
    public Optional<PortalUser> technicalUser(PortalId portal, RegistrationName registration) {
        return column("technical_user", portal, registration, AssignmentsRecord.DEFAULT)
                .map(PortalUser::new);
    }

    /** What is left of the power of each account; those without an entry have all of it. */
    @Transactional
    public Map<AccountName, Narrowing> narrowings(PortalId portal, RegistrationName registration, PortalUser user) {
        return column("cast(narrowing as text)", portal, registration, user)
                .map(AssignmentsInForce::read)
                .orElse(Map.of());
    }

    private Optional<String> column(String column, PortalId portal, RegistrationName registration, PortalUser user) {
        return entities
                .unwrap(Session.class)
                .createNativeQuery(
                        "select " + column + " from effective_assignments where portal_id = :portal"
                                + " and registration = :registration and portal_user = :user",
                        String.class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("user", user.value())
                .getResultList()
                .stream()
                .filter(Objects::nonNull)
                .findFirst();
    }

    private static Map<AccountName, Narrowing> read(String text) {
        try {
            return EventCodec.json().readValue(text, BY_ACCOUNT);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored narrowing cannot be read", e);
        }
    }
}
