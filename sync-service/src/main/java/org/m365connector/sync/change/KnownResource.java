package org.m365connector.sync.change;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;

/** What the portal has been told of a resource, as it is stored. */
@Entity
@Table(name = "known_resource")
@IdClass(KnownResource.Key.class)
class KnownResource {
    /** Ids of Graph are unique in their container only. */
    record Key(Long containerId, String resourceId) implements Serializable {}

    @Id
    @Column(name = "container_id")
    Long containerId;

    @Id
    @Column(name = "resource_id")
    String resourceId;

    /** Below its container's messages; null where it is just the id. */
    String place;

    int generation;
    String etag;

    @Column(name = "modified_at")
    Instant modifiedAt;

    private boolean deleted;

    @Column(name = "deleted_at")
    private Instant deletedAt;

    int scan;
    String fields;

    boolean deleted() {
        return deleted;
    }

    void live() {
        deleted = false;
        deletedAt = null;
    }

    void gone(Instant now) {
        deleted = true;
        deletedAt = now;
    }

    Known known() {
        return new Known(generation, etag, modifiedAt, deleted);
    }
}
