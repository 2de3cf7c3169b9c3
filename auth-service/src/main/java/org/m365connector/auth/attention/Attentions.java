package org.m365connector.auth.attention;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.hibernate.Session;
import org.jboss.logging.Logger;
import org.m365connector.auth.portal.PortalEnded;
import org.m365connector.auth.portal.Portals;
import org.m365connector.events.AccountId;
import org.m365connector.events.AttentionNeeded;
import org.m365connector.events.AttentionOver;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;

/**
 * What needs a human, told on {@code portal.<id>.logins}. Raised and ended in the transaction of whatever makes it so;
 * raising what is open already, or ending what is not, does nothing.
 */
@ApplicationScoped
public class Attentions {

    private static final Logger LOG = Logger.getLogger(Attentions.class);

    /** The urgency of what does not become more urgent with time. */
    private static final int ONCE = 0;

    private static final int LATE = Interceptor.Priority.APPLICATION + 1_000;

    private final Portals portals;
    private final EntityManager entities;
    private final Outbox outbox;
    private final Clock clock;

    Attentions(Portals portals, EntityManager entities, Outbox outbox, Clock clock) {
        this.portals = portals;
        this.entities = entities;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Transactional(TxType.MANDATORY)
    public void raise(
            PortalId portal, Optional<RegistrationName> registration, Optional<AccountId> account, AttentionKind kind) {
        raise(new Concern(portal, registration, account, kind, Optional.empty()));
    }

    @Transactional(TxType.MANDATORY)
    public void over(
            PortalId portal, Optional<RegistrationName> registration, Optional<AccountId> account, AttentionKind kind) {
        over(new Concern(portal, registration, account, kind, Optional.empty()));
    }

    @Transactional(TxType.MANDATORY)
    public void raise(Concern concern) {
        raise(concern, Optional.empty(), ONCE);
    }

    /**
     * @param due when it stops working
     * @param urgency told again only with a higher one than before
     */
    @Transactional(TxType.MANDATORY)
    public void raise(Concern concern, Optional<Instant> due, int urgency) {
        // One statement, so that two replicas that raise the same at once tell it once.
        List<Long> news = entities.unwrap(Session.class)
                .createNativeQuery("""
                        insert into attention (portal_id, registration, account, kind, subject, urgency, since, due)
                        values (:portal, :registration, :account, :kind, :subject, :urgency, :since, :due)
                        on conflict (portal_id, registration, account, kind, subject)
                        do update set urgency = excluded.urgency, due = excluded.due
                        where attention.urgency < excluded.urgency
                        returning id""", Long.class)
                .setParameter("portal", concern.portal().value())
                .setParameter(
                        "registration",
                        concern.registration().map(RegistrationName::value).orElse(null),
                        String.class)
                .setParameter("account", concern.account().map(AccountId::value).orElse(null), String.class)
                .setParameter("kind", concern.kind().name())
                .setParameter("subject", concern.subject().orElse(null), String.class)
                .setParameter("urgency", urgency)
                .setParameter("since", clock.instant())
                .setParameter("due", due.orElse(null), Instant.class)
                .list();
        for (Long id : news) {
            Attention attention = entities.find(Attention.class, id);
            entities.refresh(attention);
            tell(attention, AttentionNeeded.TYPE, "needed/" + urgency, attention.needed());
            LOG.warnf(
                    "Attention needed kind=%s portal=%s registration=%s account=%s subject=%s",
                    attention.kind.slug(),
                    attention.portalId,
                    attention.registration,
                    attention.account,
                    attention.subject);
        }
    }

    /** The same; with another {@code due} than it was raised with before, that is over and this is a new one. */
    @Transactional(TxType.MANDATORY)
    void raiseAnew(Concern concern, Optional<Instant> due, int urgency) {
        find(concern).stream()
                .filter(attention -> !Optional.ofNullable(attention.due).equals(due))
                .forEach(this::end);
        raise(concern, due, urgency);
    }

    @Transactional(TxType.MANDATORY)
    public boolean isOpen(Concern concern) {
        return !find(concern).isEmpty();
    }

    /** What is open of that kind. */
    @Transactional(TxType.MANDATORY)
    public List<Concern> open(PortalId portal, AttentionKind kind) {
        return open(portal).stream()
                .map(Attention::concern)
                .filter(concern -> concern.kind() == kind)
                .toList();
    }

    @Transactional(TxType.MANDATORY)
    public void over(Concern concern) {
        find(concern).forEach(this::end);
    }

    /** Of a credential, whatever the kind: it has been removed. */
    @Transactional(TxType.MANDATORY)
    public void allOver(PortalId portal, RegistrationName registration, String subject) {
        open(portal).stream()
                .filter(attention -> attention.concerns(registration) && subject.equals(attention.subject))
                .forEach(this::end);
    }

    /** Of an account, whatever the kind. */
    @Transactional(TxType.MANDATORY)
    public void allOver(PortalId portal, RegistrationName registration, AccountId account) {
        open(portal).stream()
                .filter(attention ->
                        attention.concerns(registration) && attention.account().equals(Optional.of(account)))
                .forEach(this::end);
    }

    /** Of a registration that ends, its accounts and credentials included. */
    @Transactional(TxType.MANDATORY)
    public void allOver(PortalId portal, RegistrationName registration) {
        open(portal).stream()
                .filter(attention -> attention.concerns(registration))
                .forEach(this::end);
    }

    /** Behind those who hold what it is about. */
    void onPortalEnded(@Observes @Priority(LATE) PortalEnded ended) {
        open(ended.portal()).forEach(this::end);
    }

    @Transactional
    List<AttentionView> list(PortalId portal, Locale language) {
        portals.get(portal);
        return open(portal).stream()
                .map(attention -> AttentionView.of(attention, language))
                .toList();
    }

    private List<Attention> open(PortalId portal) {
        return entities.createQuery("from Attention where portalId = :portal order by id", Attention.class)
                .setParameter("portal", portal.value())
                .getResultList();
    }

    /** That one, if it is open. Not by way of all that are open: this is asked with every grant of Entra's. */
    private List<Attention> find(Concern concern) {
        return entities.createQuery(
                        "from Attention where portalId = :portal and kind = :kind"
                                + " and registration is not distinct from :registration"
                                + " and account is not distinct from :account"
                                + " and subject is not distinct from :subject",
                        Attention.class)
                .setParameter("portal", concern.portal().value())
                .setParameter("kind", concern.kind())
                .setParameter(
                        "registration",
                        concern.registration().map(RegistrationName::value).orElse(null))
                .setParameter("account", concern.account().map(AccountId::value).orElse(null))
                .setParameter("subject", concern.subject().orElse(null))
                .getResultList();
    }

    private void end(Attention attention) {
        // By statement: whoever deletes the row tells of it, also where two end it at once.
        int deleted = entities.createQuery("delete from Attention where id = :id")
                .setParameter("id", attention.id)
                .executeUpdate();
        entities.detach(attention);
        if (deleted == 1) {
            tell(attention, AttentionOver.TYPE, "over", attention.over());
        }
    }

    private void tell(Attention attention, String type, String id, Object data) {
        PortalId portal = attention.portal();
        Event<Object> event = Event.of(
                "attention/" + attention.id + "/" + id,
                URI.create("/m365/" + portal + "/auth"),
                type,
                clock.instant(),
                data);
        Optional<AccountId> account = attention.account();
        outbox.add(
                Topics.logins(portal),
                account.flatMap(AccountId::portalUser)
                        .map(user -> user.value())
                        .or(() -> account.map(AccountId::value))
                        .or(() -> attention.registration().map(RegistrationName::value))
                        .orElse(portal.value()),
                event);
    }
}
