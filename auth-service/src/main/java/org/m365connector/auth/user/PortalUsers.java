package org.m365connector.auth.user;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.auth.portal.PortalEnded;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** The users of all portals, as their last event described them. */
@ApplicationScoped
public class PortalUsers {

    private final EntityManager entities;

    PortalUsers(EntityManager entities) {
        this.entities = entities;
    }

    /** Content of a field of that user; empty where the user or the field is unknown or blank. */
    public Optional<String> field(PortalId portal, PortalUser user, String field) {
        List<?> found = entities.createNativeQuery(
                        "select fields from portal_user where portal_id = ?1 and portal_user = ?2", String.class)
                .setParameter(1, portal.value())
                .setParameter(2, user.value())
                .getResultList();
        return found.stream()
                .findFirst()
                .flatMap(json -> Optional.ofNullable(parse((String) json).get(field)))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    void store(PortalId portal, PortalUser user, Map<String, String> fields) {
        entities.createNativeQuery("""
                        insert into portal_user (portal_id, portal_user, fields) values (?1, ?2, ?3)
                        on conflict (portal_id, portal_user) do update set fields = excluded.fields""")
                .setParameter(1, portal.value())
                .setParameter(2, user.value())
                .setParameter(3, new String(EventCodec.bytes(fields), java.nio.charset.StandardCharsets.UTF_8))
                .executeUpdate();
    }

    void remove(PortalId portal, PortalUser user) {
        entities.createNativeQuery("delete from portal_user where portal_id = ?1 and portal_user = ?2")
                .setParameter(1, portal.value())
                .setParameter(2, user.value())
                .executeUpdate();
    }

    void removeAll(@Observes PortalEnded ended) {
        entities.createNativeQuery("delete from portal_user where portal_id = ?1")
                .setParameter(1, ended.portal().value())
                .executeUpdate();
    }

    private static Map<String, String> parse(String json) {
        try {
            return EventCodec.json().readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored by us, so it is JSON", e);
        }
    }
}
