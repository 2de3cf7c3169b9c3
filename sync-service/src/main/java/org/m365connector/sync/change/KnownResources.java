package org.m365connector.sync.change;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
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

    Map<String, KnownResource> of(Container container, Collection<String> ids) {
        return ids.isEmpty()
                ? Map.of()
                : list("containerId = ?1 and resourceId in ?2", container.id(), ids).stream()
                        .collect(Collectors.toMap(known -> known.resourceId, Function.identity()));
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

    /** Live ones that the present full scan has not shown. */
    List<KnownResource> unseen(Container container) {
        return list(
                "containerId = ?1 and deleted = false and scan < ?2 order by modifiedAt",
                container.id(),
                container.scan());
    }
}
