package org.m365connector.assignment.user;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.events.PortalId;

/** A group or role that a portal has told of. */
@Entity
@Table(name = "portal_group")
public class KnownGroup {
    @EmbeddedId
    private Id id;

    private String name;

    private int priority;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "member_of")
    private List<String> memberOf;

    @Column(name = "changed_at")
    private Instant changedAt;

    /** Portal, kind and id, as the primary key. */
    @Embeddable
    public record Id(
            @Column(name = "portal_id") String portalId,

            @Enumerated(EnumType.STRING) @Column(name = "kind")
            GroupKind kind,

            @Column(name = "id") String id) {
        static Id of(PortalId portal, GroupKind kind, String id) {
            return new Id(portal.value(), kind, id);
        }
    }

    KnownGroup() {}

    KnownGroup(PortalId portal, GroupKind kind, String id) {
        this.id = Id.of(portal, kind, id);
        this.memberOf = List.of();
    }

    String group() {
        return id.id();
    }

    int priority() {
        return priority;
    }

    List<String> memberOf() {
        return List.copyOf(memberOf);
    }

    /** @return whether somebody's rights may depend on what is new */
    boolean become(GroupProfile profile, Instant now) {
        boolean matters = priority != profile.priority() || !memberOf.equals(profile.memberOf());
        name = profile.name().orElse(null);
        priority = profile.priority();
        memberOf = profile.memberOf();
        changedAt = now;
        return matters;
    }

    GroupView view() {
        return new GroupView(id.id(), Optional.ofNullable(name), priority, memberOf(), changedAt);
    }

    RoleView roleView() {
        return new RoleView(id.id(), Optional.ofNullable(name), changedAt);
    }
}
