package org.m365connector.sync.change;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.m365connector.sync.watch.Container;

/** The table of known resources. */
@ApplicationScoped
class KnownResources implements PanacheRepositoryBase<KnownResource, KnownResource.Key> {

    /** For queries that must name something; no id is empty. */
    private static final List<String> NOTHING = List.of("");

    Map<String, KnownResource> of(Container container, Collection<String> ids) {
        return ids.isEmpty()
                ? Map.of()
                : list("containerId = ?1 and resourceId in ?2", container.id(), ids).stream()
                        .collect(Collectors.toMap(known -> known.resourceId, Function.identity()));
    }

    /** Live ones in the parts of this container. */
    List<KnownResource> inParts(Container whole, Collection<String> ids) {
        return ids.isEmpty()
                ? List.of()
                : list(
                        "resourceId in ?1 and deleted = false and containerId in (select part.containerId from Watch part"
                                + " where part.parent in (select w.id from Watch w where w.containerId = ?2))",
                        ids,
                        whole.id());
    }

    /** Deleted ones that have been so for longer; {@code most} of them, since nobody waits for the rest. */
    int forgetDeleted(long olderThanSeconds, int most) {
        return getEntityManager()
                .createNativeQuery("""
                        delete from known_resource where ctid = any (array(
                            select ctid from known_resource
                            where deleted and deleted_at < now() - :age * interval '1 second' limit :most))
                        """)
                .setParameter("age", olderThanSeconds)
                .setParameter("most", most)
                .executeUpdate();
    }

    List<KnownResource> unproven(Container container) {
        return list("containerId = ?1 and unproven = true", container.id());
    }

    /**
     * Live occurrences that the present round has not shown, of series of which it has shown something.
     *
     * @param series ids of those of the last page, which is not noted yet
     */
    List<KnownResource> missing(Container container, Collection<String> series) {
        @SuppressWarnings("unchecked")
        List<KnownResource> missing = getEntityManager()
                .createNativeQuery("""
                        select k.* from known_resource k
                        where k.container_id = :container and not k.deleted and not k.away and k.shown_in < :round
                          and (k.series in (:series) or k.series = any(array(
                              select coalesce(shown.series, shown.resource_id) from known_resource shown
                              where shown.container_id = :container and shown.shown_in = :round and shown.shown_in > 0
                                and (shown.series is null or not shown.deleted))))
                        order by k.modified_at, k.resource_id
                        """, KnownResource.class)
                .setParameter("container", container.id())
                .setParameter("round", container.rounds())
                .setParameter("series", series.isEmpty() ? NOTHING : series)
                .getResultList();
        return missing;
    }

    /** Live ones, wherever they are; the first so many. */
    List<KnownResource> live(Container container, int most) {
        return find("containerId = ?1 and deleted = false order by modifiedAt, resourceId", container.id())
                .page(Page.ofSize(most))
                .list();
    }

    /** Live ones that the present full scan has not shown. */
    List<KnownResource> unseen(Container container) {
        return list(
                "containerId = ?1 and deleted = false and away = false and scan < ?2 order by modifiedAt",
                container.id(),
                container.scan());
    }
}
