package org.m365connector.auth.portal;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.auth.AuthProblem;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.problem.ProblemException;

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

    /** JSON; nothing where the portal may use everything for ever. */
    @Column(name = "entitlement")
    String entitlement;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "origins")
    List<String> origins;

    @Column(name = "version")
    long version;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "ending_since")
    Instant endingSince;

    protected Portal() {}

    static Portal of(NewPortal wanted, Instant now) {
        var portal = new Portal();
        portal.id = wanted.id().value();
        portal.name = wanted.name();
        portal.language = wanted.language();
        portal.intrexxVersion = wanted.intrexxVersion();
        portal.contact = wanted.contact().orElse(null);
        portal.entitlement = wanted.entitlement()
                .flatMap(EntitlementText::parse)
                .map(EntitlementText::write)
                .orElse(null);
        portal.origins = wanted.origins();
        portal.createdAt = now;
        return portal;
    }

    void change(PortalPatch patch) {
        patch.name().ifPresent(value -> name = value);
        patch.language().ifPresent(value -> language = value);
        patch.intrexxVersion().ifPresent(value -> intrexxVersion = value);
        patch.contact().ifPresent(value -> contact = value);
        patch.entitlement()
                .ifPresent(value -> entitlement =
                        EntitlementText.parse(value).map(EntitlementText::write).orElse(null));
        patch.origins().ifPresent(value -> origins = value);
    }

    /** Nothing new begins; what is kept at Graph goes first. */
    void end(Instant now) {
        endingSince = now;
    }

    public boolean isEnding() {
        return endingSince != null;
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

    /** What the portal may use; empty: everything, for ever. */
    public Optional<Entitlement> entitlement() {
        return Optional.ofNullable(entitlement).flatMap(stored -> EntitlementText.read(id, stored));
    }

    /** The same, for whoever decides. */
    public Entitlement entitled() {
        return entitlement().orElse(Entitlement.UNLIMITED);
    }

    /** @throws ProblemException {@code not-entitled} where the entitlement has not begun, or is over */
    public void requireEntitled(Instant now) {
        if (!entitled().isValid(now)) {
            throw new ProblemException(AuthProblem.NOT_ENTITLED);
        }
    }

    /** Whether a browser may be sent back to that URL: its origin must be one of ours, exactly. */
    public boolean mayReturnTo(String url) {
        return Origin.of(url).filter(origins::contains).isPresent();
    }

    PortalRecord record(List<String> keyHashes) {
        return new PortalRecord(
                id(),
                version,
                name,
                language,
                origins(),
                keyHashes,
                isEnding() ? PortalState.ENDING : PortalState.ACTIVE,
                entitlement());
    }

    PortalView view() {
        return new PortalView(
                id(),
                name,
                intrexxVersion,
                origins(),
                language,
                Optional.ofNullable(contact),
                entitlement(),
                createdAt);
    }
}
