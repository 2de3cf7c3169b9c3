package org.m365connector.auth.portal;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.m365connector.access.KeyHash;
import org.m365connector.events.PortalId;

/** A key of a portal: we keep its hash only. */
@Entity
@Table(name = "portal_key")
class PortalKey {

    @Id
    String id;

    @Column(name = "portal_id")
    String portalId;

    @Column(name = "hash")
    String hash;

    @Column(name = "created_at")
    Instant createdAt;

    protected PortalKey() {}

    static PortalKey of(PortalId portal, String value, Instant now) {
        var key = new PortalKey();
        key.id = UUID.randomUUID().toString();
        key.portalId = portal.value();
        key.hash = KeyHash.of(value);
        key.createdAt = now;
        return key;
    }

    KeyView view() {
        return new KeyView(id, createdAt);
    }
}
