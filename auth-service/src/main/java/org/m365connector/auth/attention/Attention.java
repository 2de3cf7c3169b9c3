package org.m365connector.auth.attention;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.AccountId;
import org.m365connector.events.AttentionNeeded;
import org.m365connector.events.AttentionOver;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Something that needs a human. There is one row for each thing, however often it is raised. */
@Entity
@Table(name = "attention")
class Attention {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(name = "portal_id")
    String portalId;

    @Column(name = "registration")
    String registration;

    @Column(name = "account")
    String account;

    @Enumerated(EnumType.STRING)
    @Column(name = "kind")
    AttentionKind kind;

    @Column(name = "subject")
    String subject;

    @Column(name = "urgency")
    int urgency;

    @Column(name = "since")
    Instant since;

    @Column(name = "due")
    Instant due;

    PortalId portal() {
        return new PortalId(portalId);
    }

    Optional<RegistrationName> registration() {
        return Optional.ofNullable(registration).map(RegistrationName::new);
    }

    Optional<AccountId> account() {
        return Optional.ofNullable(account).map(AccountId::new);
    }

    Concern concern() {
        return new Concern(portal(), registration(), account(), kind, Optional.ofNullable(subject));
    }

    boolean concerns(RegistrationName name) {
        return name.value().equals(registration);
    }

    AttentionNeeded needed() {
        return new AttentionNeeded(
                id.toString(),
                kind.slug(),
                registration(),
                account().map(AccountId::name),
                account().flatMap(AccountId::portalUser),
                Optional.ofNullable(subject),
                since,
                Optional.ofNullable(due));
    }

    AttentionOver over() {
        return new AttentionOver(
                id.toString(),
                kind.slug(),
                registration(),
                account().map(AccountId::name),
                account().flatMap(AccountId::portalUser),
                Optional.ofNullable(subject));
    }
}
