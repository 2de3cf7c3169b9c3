package org.m365connector.auth.registration;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.auth.permission.DelegatedScopes;
import org.m365connector.auth.permission.Feature;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;

/** An app registration made known for one portal. */
@Entity
@Table(name = "registration")
public class Registration {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(name = "portal_id")
    String portalId;

    @Column(name = "name")
    String name;

    @Column(name = "cloud")
    String cloud;

    @Column(name = "tenant_id")
    String tenantId;

    @Column(name = "client_id")
    String clientId;

    @Enumerated(EnumType.STRING)
    @Column(name = "account_types")
    AccountTypes accountTypes;

    @Column(name = "upn_field")
    String upnField;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(name = "features")
    List<String> features;

    @Column(name = "administrator")
    String administrator;

    @Enumerated(EnumType.STRING)
    @Column(name = "state")
    RegistrationState state;

    @Column(name = "version")
    long version;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "ending_since")
    Instant endingSince;

    protected Registration() {}

    static Registration of(PortalId portal, NewRegistration wanted, Instant now) {
        var registration = new Registration();
        registration.portalId = portal.value();
        registration.name = wanted.name().value();
        registration.cloud = wanted.cloud();
        registration.tenantId = wanted.tenantId().orElse(null);
        registration.clientId = wanted.clientId().orElse(null);
        registration.accountTypes = wanted.accountTypes();
        registration.upnField = wanted.upnField();
        registration.features = wanted.features();
        registration.administrator = wanted.administrator().value();
        registration.state = RegistrationState.DRAFT;
        registration.createdAt = now;
        return registration;
    }

    void change(RegistrationPatch patch) {
        patch.tenantId().ifPresent(value -> tenantId = value);
        patch.clientId().ifPresent(value -> clientId = value);
        patch.accountTypes().ifPresent(value -> accountTypes = value);
        patch.upnField().ifPresent(value -> upnField = value);
        patch.features().ifPresent(value -> features = value);
        patch.administrator().ifPresent(value -> administrator = value.value());
    }

    /** A draft becomes complete as soon as nothing is missing. Says whether that happened. */
    boolean completeIfPossible(boolean hasCredential) {
        boolean happens = state == RegistrationState.DRAFT && tenantId != null && clientId != null && hasCredential;
        if (happens) {
            state = RegistrationState.COMPLETE;
        }
        return happens;
    }

    /** Nothing new begins; what is kept at Graph goes first. */
    void end(Instant now) {
        state = RegistrationState.ENDING;
        endingSince = now;
    }

    boolean isEnding() {
        return state == RegistrationState.ENDING;
    }

    /** Whether Entra can be asked with it: complete, or ending, when its last calls are made. */
    public boolean hasApp() {
        return state != RegistrationState.DRAFT;
    }

    void changed(long newVersion) {
        version = newVersion;
    }

    public long id() {
        return id;
    }

    public PortalId portal() {
        return new PortalId(portalId);
    }

    public RegistrationName name() {
        return new RegistrationName(name);
    }

    public boolean isComplete() {
        return state == RegistrationState.COMPLETE;
    }

    public Optional<String> clientId() {
        return Optional.ofNullable(clientId);
    }

    public AccountTypes accountTypes() {
        return accountTypes;
    }

    public String upnField() {
        return upnField;
    }

    /** Rises with every change. */
    public long version() {
        return version;
    }

    public List<Feature> features() {
        return features.stream().flatMap(slug -> Feature.ofSlug(slug).stream()).toList();
    }

    /** The delegated scopes that a login asks for: of a personal account, without the features that it cannot have. */
    public String scopes(AccountType type) {
        return type == AccountType.PERSONAL || accountTypes == AccountTypes.PERSONAL
                ? DelegatedScopes.ofPersonal(features())
                : DelegatedScopes.of(features());
    }

    /** The most that a login asks for. */
    public String scopes() {
        return scopes(accountTypes == AccountTypes.PERSONAL ? AccountType.PERSONAL : AccountType.WORK);
    }

    RegistrationRecord record(String graphBaseUrl) {
        return new RegistrationRecord(
                portal(),
                name(),
                version,
                cloud,
                graphBaseUrl,
                Optional.ofNullable(tenantId),
                Optional.ofNullable(clientId),
                accountTypes,
                upnField,
                features,
                new PortalUser(administrator),
                state);
    }

    RegistrationView view(List<CredentialView> credentials, List<String> redirectUris) {
        return new RegistrationView(
                portal(),
                name(),
                state,
                cloud,
                Optional.ofNullable(tenantId),
                Optional.ofNullable(clientId),
                accountTypes,
                upnField,
                List.copyOf(features),
                new PortalUser(administrator),
                credentials,
                redirectUris,
                createdAt);
    }
}
