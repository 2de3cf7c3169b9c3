package org.m365connector.sync.watch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.sync.graph.Acting;

/**
 * A portal's wish to hear of what happens in a container.
 *
 * <pre>
 * NEW ──── container found ──▶ WATCHING ──┐
 *  │  └─── refused for good ─▶ REFUSED  ──┤
 *  └──────────────── deleted ─────────────┴──▶ ENDING ──▶ (gone, once Graph has been told)
 * </pre>
 */
@Entity
public class Watch {
    /** See the picture above. */
    public enum State {
        NEW,
        WATCHING,
        REFUSED,
        ENDING
    }

    @Id
    String id;

    String portal;
    String registration;
    String kind;
    String resource;

    @Column(name = "portal_user")
    String portalUser;

    String account;
    boolean rich;

    /** {@link MailFilter} as JSON; null where everything is wanted. */
    String filter;

    boolean content;

    @Column(name = "include_own")
    boolean includeOwn;

    String state;
    String problem;

    /** Of a part: the watch that it belongs to. */
    String parent;

    @Column(name = "container_id")
    Long containerId;

    @Column(name = "created_at")
    Instant createdAt;

    /** Of the portal's record when the watch was made; null where that is not known. */
    @Column(name = "portal_version")
    Long portalVersion;

    /** The same of the registration's record. */
    @Column(name = "registration_version")
    Long registrationVersion;

    @Column(name = "next_attempt_at")
    Instant nextAttemptAt;

    int attempts;

    /** When the lease ends is the database's alone, by whose clock it is compared. */
    @Column(name = "lease_owner")
    String leaseOwner;

    public String id() {
        return id;
    }

    public PortalId portal() {
        return new PortalId(portal);
    }

    public RegistrationName registration() {
        return new RegistrationName(registration);
    }

    public Acting acting() {
        return new Acting(
                portal(),
                registration(),
                Optional.ofNullable(portalUser).map(PortalUser::new),
                Optional.ofNullable(account).map(AccountName::new),
                thing().user());
    }

    Optional<JsonNode> filterAsAsked() {
        return Optional.ofNullable(filter).map(Watch::json);
    }

    Optional<MailFilter> filter() {
        return filterAsAsked().map(MailFilter::of);
    }

    private static JsonNode json(String stored) {
        try {
            return EventCodec.json().readTree(stored);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored watch cannot be read", e);
        }
    }

    /** Whether Graph's notifications shall carry content. */
    public boolean rich() {
        return rich;
    }

    /** The name by which the portal knows it: a part is nobody's but its whole's. */
    public String toldAs() {
        return parent == null ? id : parent;
    }

    /** Whether it belongs to a watch of many containers. */
    public boolean isPart() {
        return parent != null;
    }

    /** Of a part of somebody's chats: his object id. */
    public Optional<String> member() {
        return thing().member();
    }

    public Long containerId() {
        return containerId;
    }

    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    public int attempts() {
        return attempts;
    }

    /** Graph has not confirmed yet; once more at that time. */
    public void endLater(Instant again) {
        attempts++;
        become(State.ENDING, again);
    }

    /** Looks at nothing any more. */
    public void leaveContainer() {
        containerId = null;
    }

    State state() {
        return State.valueOf(state);
    }

    void become(State next, Instant at) {
        if (next != State.valueOf(state == null ? next.name() : state)) {
            attempts = 0;
        }
        state = next.name();
        nextAttemptAt = at;
        leaseOwner = null;
    }

    WatchKind kind() {
        return WatchKind.of(kind);
    }

    WatchedThing thing() {
        try {
            return EventCodec.json().readValue(resource, WatchedThing.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored watch cannot be read", e);
        }
    }
}
