package org.m365connector.sync.watch;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.sync.portal.RegistrationEnded;
import org.m365connector.sync.work.LeaseLostException;

/** The table of watches. */
@ApplicationScoped
public class Watches implements PanacheRepositoryBase<Watch, String> {

    /** The wholes before their parts, as everywhere, or two would wait for each other. */
    private static final String END = """
            update watch set state = 'ENDING', next_attempt_at = now(), attempts = 0, lease_owner = null
            where id = any(array(
                select id from watch where portal = :portal and state <> 'ENDING' and %s
                order by parent is not null, created_at, id for no key update))
            """;

    /** Gives a watch that must be set up, or one that ends, to {@code owner}. */
    public Optional<Watch> claim(String owner, Watch.State state, long leaseMillis) {
        @SuppressWarnings("unchecked")
        List<Watch> claimed = getEntityManager()
                .createNativeQuery("""
                        update watch
                        set lease_owner = :owner, lease_expires_at = now() + :lease * interval '1 millisecond'
                        where id = (
                            select id from watch
                            where state = :state and next_attempt_at <= now()
                              and (lease_owner is null or lease_expires_at < now())
                            order by next_attempt_at limit 1 for update skip locked)
                        returning *
                        """, Watch.class)
                .setParameter("owner", owner)
                .setParameter("state", state.name())
                .setParameter("lease", leaseMillis)
                .getResultList();
        return claimed.stream().findFirst();
    }

    /** The row, locked, provided that its lease is still the owner's. */
    public Watch owned(String id, String owner) {
        return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE)
                .filter(watch -> owner.equals(watch.leaseOwner))
                .orElseThrow(() -> new LeaseLostException("watch " + id));
    }

    Optional<Watch> of(PortalId portal, RegistrationName registration, String id) {
        return only(findByIdOptional(id), portal, registration);
    }

    Optional<Watch> locked(PortalId portal, RegistrationName registration, String id) {
        return only(findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE), portal, registration);
    }

    private static Optional<Watch> only(Optional<Watch> found, PortalId portal, RegistrationName registration) {
        return found.filter(watch ->
                watch.portal().equals(portal) && watch.registration().equals(registration) && watch.parent == null);
    }

    List<Watch> page(PortalId portal, RegistrationName registration, String after, int limit) {
        return find(
                        "portal = ?1 and registration = ?2 and id > ?3 and parent is null order by id",
                        portal.value(),
                        registration.value(),
                        after)
                .page(Page.ofSize(limit))
                .list();
    }

    /** For whom there are watches that go on. */
    @Transactional
    Set<AbandonedWatches.Owner> owners() {
        @SuppressWarnings("unchecked")
        List<Object[]> rows = getEntityManager()
                .createNativeQuery(
                        "select distinct portal, registration, portal_user from watch where state <> 'ENDING'")
                .getResultList();
        return rows.stream()
                .map(row -> new AbandonedWatches.Owner(
                        new PortalId((String) row[0]),
                        new RegistrationName((String) row[1]),
                        Optional.ofNullable((String) row[2]).map(PortalUser::new)))
                .collect(Collectors.toSet());
    }

    /** Whether no watch is left, also none that ends: then Graph has no subscription of theirs, or keeps it to itself. */
    @Transactional
    boolean noneOf(PortalId portal, Optional<RegistrationName> registration) {
        return registration
                        .map(name -> count("portal = ?1 and registration = ?2", portal.value(), name.value()))
                        .orElseGet(() -> count("portal", portal.value()))
                == 0;
    }

    /** Whoever is setting one of them up loses his lease. */
    @Transactional
    int endOf(AbandonedWatches.Owner owner) {
        return getEntityManager()
                .createNativeQuery(END.formatted("registration = :registration and coalesce(portal_user, '') = :user"))
                .setParameter("portal", owner.portal().value())
                .setParameter("registration", owner.registration().value())
                .setParameter("user", owner.user().map(PortalUser::value).orElse(""))
                .executeUpdate();
    }

    /** Those that were made in a life of the portal that ended with this version; as above. */
    @Transactional
    int endOfLife(PortalId portal, long end) {
        return getEntityManager()
                .createNativeQuery(END.formatted("portal_version < :end"))
                .setParameter("portal", portal.value())
                .setParameter("end", end)
                .executeUpdate();
    }

    /** Those that were made in the life of the registration that has ended so, and before it did; as above. */
    @Transactional
    int endOfLife(RegistrationEnded end) {
        return getEntityManager()
                .createNativeQuery(END.formatted(
                        "registration = :registration and registration_version < :end and created_at < :at"))
                .setParameter("portal", end.portal().value())
                .setParameter("registration", end.registration().value())
                .setParameter("end", end.version())
                .setParameter("at", end.at())
                .executeUpdate();
    }

    /** Portals with watches of which nobody knows in which of their lives they were made. */
    @Transactional
    List<PortalId> portalsOfUnknownLife() {
        @SuppressWarnings("unchecked")
        List<String> portals = getEntityManager()
                .createNativeQuery(
                        "select distinct portal from watch where portal_version is null and state <> 'ENDING'")
                .getResultList();
        return portals.stream().map(PortalId::new).toList();
    }

    /** It was in this one. Locked in the order of {@link #END}. */
    @Transactional
    void noteLife(PortalId portal, long version) {
        getEntityManager()
                .createNativeQuery("""
                        update watch set portal_version = :version
                        where id = any(array(
                            select id from watch where portal = :portal and portal_version is null
                            order by parent is not null, created_at, id for no key update))
                        """)
                .setParameter("version", version)
                .setParameter("portal", portal.value())
                .executeUpdate();
    }

    /** A registration by its name. */
    record Registered(PortalId portal, RegistrationName name) {}

    /** Registrations with watches of which nobody knows in which of their lives they were made. */
    @Transactional
    List<Registered> registrationsOfUnknownLife() {
        @SuppressWarnings("unchecked")
        List<Object[]> rows = getEntityManager()
                .createNativeQuery("select distinct portal, registration from watch"
                        + " where registration_version is null and state <> 'ENDING'")
                .getResultList();
        return rows.stream()
                .map(row -> new Registered(new PortalId((String) row[0]), new RegistrationName((String) row[1])))
                .toList();
    }

    /** It was in this one; as above. */
    @Transactional
    void noteLife(Registered registration, long version) {
        getEntityManager()
                .createNativeQuery("""
                        update watch set registration_version = :version
                        where id = any(array(
                            select id from watch
                            where portal = :portal and registration = :registration and registration_version is null
                            order by parent is not null, created_at, id for no key update))
                        """)
                .setParameter("version", version)
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value())
                .executeUpdate();
    }

    /** The watch may be gone. */
    public Optional<Watch> carrierOf(Container container) {
        return findByIdOptional(container.carrier());
    }

    /** Parts of these watches, also those that end. */
    List<Watch> parts(Collection<String> parents) {
        return parents.isEmpty() ? List.of() : list("parent in ?1", parents);
    }

    /** Watches of a container that go on, locked: none of them ends before the transaction is over. */
    List<Watch> livingLocked(long containerId) {
        return find("containerId = ?1 and state <> ?2 order by createdAt, id", containerId, Watch.State.ENDING.name())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /**
     * Whether something of the parts is not what it is to be yet: a first round, or a subscription.
     *
     * @param subscribed whether they are to have subscriptions of their own
     */
    boolean partsArePending(String parent, boolean subscribed) {
        return !getEntityManager()
                .createNativeQuery("""
                        select 1 from watch w join container c on c.id = w.container_id
                        where w.parent = :parent and w.state <> 'ENDING'
                          and (c.baseline or (:subscribed and not exists (
                              select 1 from subscription s where s.container_id = c.id and s.graph_id is not null)))
                        limit 1
                        """)
                .setParameter("parent", parent)
                .setParameter("subscribed", subscribed)
                .getResultList()
                .isEmpty();
    }

    /** How far the containers of the parts have been read, those that end left out. */
    WatchView.PartsView syncOfParts(String parent) {
        Object[] sums = (Object[]) getEntityManager()
                .createNativeQuery("""
                        select count(*), count(c.sync_ended_at),
                            coalesce(sum(c.sync_pages), 0), coalesce(sum(c.sync_items), 0)
                        from watch w join container c on c.id = w.container_id
                        where w.parent = :parent and w.state <> 'ENDING'
                        """)
                .setParameter("parent", parent)
                .getSingleResult();
        return new WatchView.PartsView(number(sums[0]), number(sums[1]), number(sums[2]), number(sums[3]));
    }

    private static long number(Object found) {
        return ((Number) found).longValue();
    }

    /** Watches of a container that go on. */
    public List<Watch> living(long containerId) {
        return find("containerId = ?1 and state <> ?2 order by createdAt", containerId, Watch.State.ENDING.name())
                .list();
    }
}
