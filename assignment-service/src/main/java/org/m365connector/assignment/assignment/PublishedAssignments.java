package org.m365connector.assignment.assignment;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.List;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalUser;

/** What stands on {@code m365.assignments} for one portal user. */
@Entity
@Table(name = "effective_assignments")
class PublishedAssignments {
    @EmbeddedId
    private Id id;

    @Column(name = "version")
    private long version;

    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> accounts;

    @Column(name = "default_account")
    private String defaultAccount;

    /** The record's key, as the primary key. */
    @Embeddable
    record Id(
            @Column(name = "portal_id") String portalId,
            @Column(name = "registration") String registration,
            @Column(name = "portal_user") String portalUser) {
        static Id of(Registration registration, PortalUser user) {
            return new Id(registration.portal().value(), registration.name().value(), user.value());
        }
    }

    PublishedAssignments() {}

    PublishedAssignments(Id id) {
        this.id = id;
        this.accounts = List.of();
    }

    PortalUser portalUser() {
        return new PortalUser(id.portalUser());
    }

    boolean says(List<AccountName> names, AccountName preferred) {
        return accounts.equals(texts(names))
                && (preferred == null
                        ? defaultAccount == null
                        : preferred.value().equals(defaultAccount));
    }

    void say(List<AccountName> names, AccountName preferred, long newVersion) {
        accounts = texts(names);
        defaultAccount = preferred == null ? null : preferred.value();
        version = newVersion;
    }

    private static List<String> texts(List<AccountName> names) {
        return names.stream().map(AccountName::value).toList();
    }
}
