package org.m365connector.assignment.user;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** A user that a portal has told of. */
@Entity
@Table(name = "portal_user")
public class KnownUser {
    @EmbeddedId
    private Id id;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> fields;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "member_of")
    private List<String> groups;

    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> roles;

    @Column(name = "changed_at")
    private Instant changedAt;

    /** Portal and user, as the primary key. */
    @Embeddable
    public record Id(
            @Column(name = "portal_id") String portalId,
            @Column(name = "portal_user") String portalUser) {
        static Id of(PortalId portal, PortalUser user) {
            return new Id(portal.value(), user.value());
        }
    }

    KnownUser() {}

    public PortalId portal() {
        return new PortalId(id.portalId());
    }

    public PortalUser portalUser() {
        return new PortalUser(id.portalUser());
    }

    /** The value of a field; empty where the portal has told none. */
    public Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name)).filter(value -> !value.isBlank());
    }

    public List<String> groups() {
        return List.copyOf(groups);
    }

    public List<String> roles() {
        return List.copyOf(roles);
    }

    void become(UserProfile profile, Instant now) {
        fields = profile.fields();
        groups = profile.groups();
        roles = profile.roles();
        changedAt = now;
    }

    UserView view() {
        return new UserView(portalUser(), fields, groups(), roles(), changedAt);
    }
}
