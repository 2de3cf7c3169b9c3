package org.m365connector.assignment.assignment;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * "This principal of the portal may use these accounts under this registration." Guarded by the registration's lock, held alone; a
 * user's own by the lock of his record.
 */
@Entity
@Table(name = "assignment")
class Assignment {
    @Id
    private UUID id;

    @Column(name = "portal_id")
    private String portalId;

    @Column(name = "registration")
    private String registration;

    @Enumerated(EnumType.STRING)
    @Column(name = "principal_kind")
    private Principal.Kind principalKind;

    @Column(name = "principal_id")
    private String principalId;

    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> accounts;

    @Column(name = "default_account")
    private String defaultAccount;

    @ColumnTransformer(write = "cast(? as jsonb)")
    private String narrowing;

    private long version;

    @Column(name = "changed_at")
    private Instant changedAt;

    Assignment() {}

    Assignment(Registration registration, Principal principal, Accounts accounts, Instant now) {
        this.id = UUID.randomUUID();
        this.portalId = registration.portal().value();
        this.registration = registration.name().value();
        this.principalKind = principal.kind();
        this.principalId = principal.id();
        change(accounts, now);
    }

    void change(Accounts to, Instant now) {
        accounts = to.names().stream().map(AccountName::value).toList();
        defaultAccount = to.preferred().value();
        narrowing = NarrowingJson.write(to.narrowing());
        changedAt = now;
        version++;
    }

    boolean isUnder(PortalId portal, RegistrationName name) {
        return portalId.equals(portal.value()) && registration.equals(name.value());
    }

    Principal principal() {
        return new Principal(principalKind, principalId);
    }

    Accounts accounts() {
        return new Accounts(
                accounts.stream().map(AccountName::new).toList(),
                new AccountName(defaultAccount),
                NarrowingJson.read(narrowing));
    }

    long version() {
        return version;
    }

    UUID id() {
        return id;
    }

    Rule rule() {
        return new Rule(id, principal(), accounts());
    }

    AssignmentView view() {
        return view(accounts(), version);
    }

    /**
     * As it will be when these have ended, with the version that it will have, by which whoever was shown it may change it; empty where
     * it will not be any more.
     */
    Optional<AssignmentView> viewWithout(Set<AccountName> ended) {
        var held = accounts();
        return held.without(ended)
                .map(left ->
                        view(left, version + held.names().size() - left.names().size()));
    }

    private AssignmentView view(Accounts held, long version) {
        return new AssignmentView(
                id,
                principal(),
                held.names(),
                held.preferred(),
                held.narrowing(),
                version,
                changedAt,
                List.of(),
                Optional.empty());
    }
}
