package org.m365connector.auth.portal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;

/** A tenant of the suite. */
@Entity
@Table(name = "portal")
public class Portal {

    @Id
    String id;

    @Column(name = "name")
    String name;

    @Column(name = "language")
    String language;

    @Column(name = "intrexx_version")
    String intrexxVersion;

    @Column(name = "contact")
    String contact;

    /** JSON, kept as it came; it is not enforced yet. */
    @Column(name = "entitlement")
    String entitlement;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "origins")
    List<String> origins;

    @Column(name = "version")
    long version;

    @Column(name = "created_at")
    Instant createdAt;

    protected Portal() {}

    static Portal of(NewPortal wanted, Instant now) {
        var portal = new Portal();
        portal.id = wanted.id().value();
        portal.name = wanted.name();
        portal.language = wanted.language();
        portal.intrexxVersion = wanted.intrexxVersion();
        portal.contact = wanted.contact().orElse(null);
        portal.entitlement = wanted.entitlement().map(JsonNode::toString).orElse(null);
        portal.origins = wanted.origins();
        portal.createdAt = now;
        return portal;
    }

    void change(PortalPatch patch) {
        patch.name().ifPresent(value -> name = value);
        patch.language().ifPresent(value -> language = value);
        patch.intrexxVersion().ifPresent(value -> intrexxVersion = value);
        patch.contact().ifPresent(value -> contact = value);
        patch.entitlement().ifPresent(value -> entitlement = value.toString());
        patch.origins().ifPresent(value -> origins = value);
    }

    void changed(long newVersion) {
        version = newVersion;
    }

    public PortalId id() {
        return new PortalId(id);
    }

    public String name() {
        return name;
    }

    public String language() {
        return language;
    }

    public List<String> origins() {
        return List.copyOf(origins);
    }

    /** Whether a browser may be sent back to that URL: its origin must be one of ours, exactly. */
    public boolean mayReturnTo(String url) {
        return Origin.of(url).filter(origins::contains).isPresent();
    }

    PortalRecord record(List<String> keyHashes) {
        return new PortalRecord(id(), version, name, language, origins(), keyHashes, PortalState.ACTIVE);
    }

    PortalView view() {
        return new PortalView(
                id(),
                name,
                intrexxVersion,
                origins(),
                language,
                Optional.ofNullable(contact),
                Optional.ofNullable(entitlement).map(Portal::parse),
                createdAt);
    }

    private static JsonNode parse(String json) {
        try {
            return EventCodec.json().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored by us, so it is JSON", e);
        }
    }
}
