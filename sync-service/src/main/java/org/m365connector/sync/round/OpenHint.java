package org.m365connector.sync.round;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.change.ToldStates;

/** A thing that a notification has named, and whose change no round has shown yet. */
@Entity
@Table(name = "open_hint")
@IdClass(OpenHint.Key.class)
class OpenHint {
    private static final String CREATED = "created";
    private static final String DELETED = "deleted";

    record Key(Long containerId, String resourceId) implements Serializable {}

    @Id
    @Column(name = "container_id")
    Long containerId;

    @Id
    @Column(name = "resource_id")
    String resourceId;

    /** Below its container's items; null where that is just the id. */
    String place;

    @Column(name = "change_type")
    String changeType;

    /** Null where it named none. */
    String etag;

    /** How many notifications the container had by then. */
    long hint;

    /** Rounds that have come later and have not shown it. */
    int looks;

    Optional<String> etag() {
        return Optional.ofNullable(etag);
    }

    String pathBelow() {
        return Objects.requireNonNullElse(place, resourceId);
    }

    /** Whether the portal has been told what is meant: a state that is named by nothing may be the one before. */
    boolean isToldBy(Optional<ToldStates.State> told) {
        if (changeType.equals(DELETED)) {
            return told.isEmpty() || told.get().deleted();
        }
        return told.filter(state ->
                        !state.deleted() && etag().map(state.etag()::equals).orElse(changeType.equals(CREATED)))
                .isPresent();
    }

    /** Whether a round that came later shows what is meant, or what has become of it since. */
    boolean isShownBy(Item item) {
        return changeType.equals(DELETED)
                ? item.removed()
                : etag == null || (!item.removed() && etag.equals(item.etag()));
    }
}
