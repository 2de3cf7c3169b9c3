package org.m365connector.sync.change;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.m365connector.sync.watch.Container;

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
    /** There, but outside of what a full scan shows. */
    boolean away;

    /** The series that it is an occurrence of; null of anything else. */
    String series;

    /** Number of the round that has shown it last, or that has asked for it; 0 where that does not matter. */
    @Column(name = "shown_in")
    long shownIn;

    String fields;

    /** The portal does not know of it, since no watch's filter let it through. */
    boolean hidden;

    /** It was told from a notification's content, and no round has shown it yet. */
    boolean unproven;

    /** It was told from a look at this one thing, and no delta has shown that state, or a later one, since. */
    boolean ahead;

    boolean deleted() {
        return deleted;
    }

    /** In its container, by this full scan or since. */
    void shown(Container container, Optional<String> ofSeries) {
        scan = container.scan();
        series = ofSeries.orElse(null);
        away = false;
    }

    /** A page shows it so. */
    void caughtUp(Item item) {
        ahead = ahead && !item.etag().equals(etag) && !item.modifiedAt().isAfter(modifiedAt);
    }

    /** There, but outside of what a full scan shows. */
    void goneOutside() {
        away = true;
    }

    void live() {
        deleted = false;
        deletedAt = null;
    }

    void gone(Instant now) {
        deleted = true;
        deletedAt = now;
    }

    /** What is left to say of it once it is gone. */
    Item asRemoved(Container container) {
        return new Item(
                resourceId,
                container.kind().items(container.path()) + Objects.requireNonNullElse(place, resourceId),
                true,
                "",
                modifiedAt,
                modifiedAt,
                JsonNodeFactory.instance.objectNode().put("id", resourceId),
                Map.of(),
                Optional.ofNullable(series));
    }

    Known known() {
        return new Known(generation, etag, modifiedAt, deleted, ahead);
    }
}
