package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** What has ended and is still being taken out of assignments, and how far that has come. {@link EndingSteps} does it. */
@ApplicationScoped
class Endings {
    /** Replicas beyond these find nothing to do, and try again. */
    private static final int CANDIDATES = 8;

    /** Query for those of a registration. */
    static final String UNDER = "select 1 from ending e where e.portal_id = :portal and e.registration = :registration";

    private static final String OF_THE_REGISTRATION = "portal_id = :portal and registration = :registration";

    private final EntityManager entities;

    Endings(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * From this transaction on that account is given to nobody under the registration, whatever its assignments say. The caller has
     * the registration alone.
     */
    void begin(Registration registration, AccountName account) {
        begin(registration, account.value(), false);
    }

    /**
     * Of the registration itself; with it goes what was still ending under it. The caller has it alone.
     *
     * @param forgets whether its portal has ended; once that was said it stays
     */
    void begin(Registration registration, boolean forgets) {
        entities.createNativeQuery("delete from ending where " + OF_THE_REGISTRATION + " and account <> ''")
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value())
                .executeUpdate();
        begin(registration, "", forgets);
    }

    private void begin(Registration registration, String account, boolean forgets) {
        entities.createNativeQuery("""
                        insert into ending (portal_id, registration, account, forgets)
                        values (:portal, :registration, :account, :forgets)
                        on conflict (portal_id, registration, account)
                        do update set forgets = ending.forgets or excluded.forgets""")
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value())
                .setParameter("account", account)
                .setParameter("forgets", forgets)
                .executeUpdate();
    }

    /**
     * The accounts that are still being taken out of assignments. Whoever reads assignments reads this first: an account that is not
     * among these any more is in none of those either.
     */
    Set<AccountName> accounts(PortalId portal, RegistrationName registration) {
        return session()
                .createNativeQuery(
                        "select account from ending where " + OF_THE_REGISTRATION + " and account <> ''", String.class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .getResultStream()
                .map(AccountName::new)
                .collect(Collectors.toSet());
    }

    /** Whether assignments of one of that name, which has ended, are still there. */
    boolean isEnding(PortalId portal, RegistrationName registration) {
        return session()
                .createNativeQuery(
                        "select exists (select 1 from ending where " + OF_THE_REGISTRATION + " and account = '')",
                        Boolean.class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .getSingleResult();
    }

    /** How many are under way. */
    @Transactional
    long open() {
        return session()
                .createNativeQuery("select count(*) from ending", Long.class)
                .getSingleResult();
    }

    /** What there is to do, whoever's turn it is first: of each portal one, then the second ones. Another replica may be at it. */
    @Transactional
    List<Ending> due() {
        return session()
                .createNativeQuery("""
                        select id, portal_id, registration, account, forgets, assignments_total is not null from (
                          select *, row_number() over (partition by portal_id order by stepped_at nulls first, id) turn
                          from ending where next_attempt_at <= statement_timestamp()) due
                        order by turn, stepped_at nulls first, id limit :most""", Object[].class)
                .setParameter("most", CANDIDATES)
                .getResultStream()
                .map(Endings::ending)
                .toList();
    }

    /** Where it stands. Nobody else does its next step until the transaction ends; empty where somebody is at it, or it is over. */
    @Transactional(TxType.MANDATORY)
    Optional<Ending.Place> hold(Ending ending) {
        return session()
                .createNativeQuery("""
                        select done_kind, done_id, done_entry from ending where id = :id and forgets = :forgets
                        for update skip locked""", Object[].class)
                .setParameter("id", ending.id())
                .setParameter("forgets", ending.forgets())
                .getResultStream()
                .findFirst()
                .map(row -> new Ending.Place((String) row[0], (String) row[1], ((Number) row[2]).longValue()));
    }

    /** How many assignments it is for, which is noted once; whoever is at it is not waited for. */
    @Transactional(TxType.MANDATORY)
    void count(Ending ending) {
        entities.createNativeQuery("""
                        update ending set assignments_total = :total where id = (
                          select id from ending where id = :id and assignments_total is null for update skip locked)""")
                .setParameter("total", total(ending))
                .setParameter("id", ending.id())
                .executeUpdate();
    }

    /** Those of an account by their index. */
    private long total(Ending ending) {
        var all = "select count(*) from assignment where " + OF_THE_REGISTRATION;
        var query = ending.account()
                .map(account -> session()
                        .createNativeQuery(all + " and accounts @> array[cast(:account as text)]", Long.class)
                        .setParameter("account", account.value()))
                .orElseGet(() -> session().createNativeQuery(all, Long.class));
        return query.setParameter("portal", ending.portal().value())
                .setParameter("registration", ending.registration().value())
                .getSingleResult();
    }

    @Transactional(TxType.MANDATORY)
    void stepped(Ending ending, Ending.Place to, long assignments) {
        entities.createNativeQuery("""
                        update ending set done_kind = :kind, done_id = :doneId, done_entry = :entry,
                          assignments_done = assignments_done + :assignments, stepped_at = statement_timestamp(), failures = 0
                        where id = :id""")
                .setParameter("kind", to.kind())
                .setParameter("doneId", to.id())
                .setParameter("entry", to.entry())
                .setParameter("assignments", assignments)
                .setParameter("id", ending.id())
                .executeUpdate();
    }

    /** @return false where it has been over before, or is to do more than was known */
    @Transactional(TxType.MANDATORY)
    boolean over(Ending ending) {
        return entities.createNativeQuery("delete from ending where id = :id and forgets = :forgets")
                        .setParameter("id", ending.id())
                        .setParameter("forgets", ending.forgets())
                        .executeUpdate()
                == 1;
    }

    /** It could not go on; the others do. It waits longer each time, up to five seconds. */
    @Transactional
    void putOff(Ending ending) {
        entities.createNativeQuery("""
                        update ending set failures = failures + 1, stepped_at = statement_timestamp(), next_attempt_at =
                          statement_timestamp() + least(interval '5 s', interval '250 ms' * power(2, least(failures, 10)))
                        where id = (select id from ending where id = :id for update skip locked)""").setParameter("id", ending.id()).executeUpdate();
    }

    /** Of that portal, the first that began first. */
    @Transactional
    List<Ending.View> list(PortalId portal, int atMost) {
        return session()
                .createNativeQuery("""
                        select registration, account, assignments_done, assignments_total, began_at from ending
                        where portal_id = :portal order by id limit :most""", Object[].class)
                .setParameter("portal", portal.value())
                .setParameter("most", atMost)
                .getResultStream()
                .map(row -> new Ending.View(
                        (String) row[0],
                        Optional.of((String) row[1]).filter(account -> !account.isEmpty()),
                        ((Number) row[2]).longValue(),
                        Optional.ofNullable((Number) row[3]).map(Number::longValue),
                        (Instant) row[4]))
                .toList();
    }

    private static Ending ending(Object[] row) {
        return new Ending(
                ((Number) row[0]).longValue(),
                new PortalId((String) row[1]),
                new RegistrationName((String) row[2]),
                Optional.of((String) row[3])
                        .filter(account -> !account.isEmpty())
                        .map(AccountName::new),
                (Boolean) row[4],
                (Boolean) row[5]);
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
