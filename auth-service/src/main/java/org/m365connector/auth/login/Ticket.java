package org.m365connector.auth.login;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;

/** Permission to sign in once for one account. Found by its hash; its value is kept encrypted, to give it out again. */
@Entity
@Table(name = "ticket")
class Ticket {

    @Id
    String hash;

    @Column(name = "account_id")
    long accountId;

    // Written once by us; the vault alone replaces it, when its key changes.
    @Column(name = "sealed", updatable = false)
    byte[] sealed;

    /** Whether it may be given out again: it was made for whoever needs the account, not for one visit. */
    @Column(name = "shared")
    boolean shared;

    /** Whether a page with a button comes first: it is sent on, and what looks at links on its way must not use it up. */
    @Column(name = "start_page")
    boolean startPage;

    @Enumerated(EnumType.STRING)
    @Column(name = "display")
    Display display;

    @Column(name = "return_url")
    String returnUrl;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "expires_at")
    Instant expiresAt;

    @Column(name = "used_at")
    Instant usedAt;

    /** The outcome of the last visit that it was of no use for, where the portal was told of that. */
    @Column(name = "told_useless")
    String toldUseless;

    protected Ticket() {}

    static Ticket of(
            Account account,
            String value,
            boolean shared,
            boolean startPage,
            Display display,
            String returnUrl,
            Vault vault,
            Instant now,
            Duration life) {
        var ticket = new Ticket();
        ticket.hash = Secrets.hash(value);
        ticket.accountId = account.id();
        ticket.sealed = vault.seal(place(account.key(), ticket.hash), value);
        ticket.shared = shared;
        ticket.startPage = startPage;
        ticket.display = display;
        ticket.returnUrl = returnUrl;
        ticket.createdAt = now;
        ticket.expiresAt = now.plus(life);
        return ticket;
    }

    String value(AccountKey key, Vault vault) {
        return vault.open(place(key, hash), sealed);
    }

    private static Place place(AccountKey key, String hash) {
        return new Place(key.portal(), key.registration(), key.account().value(), "ticket/" + hash);
    }
}
