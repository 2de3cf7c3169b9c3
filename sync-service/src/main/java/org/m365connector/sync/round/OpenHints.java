package org.m365connector.sync.round;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.events.NotificationHint;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.change.ToldStates;
import org.m365connector.sync.round.Rounds.Begun;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.work.Backoff;

/**
 * What notifications have named stays here until a round has shown it: one row for each thing, and no more than so many for a container, since
 * what is above that is found by rounds alone.
 */
@ApplicationScoped
class OpenHints implements PanacheRepositoryBase<OpenHint, OpenHint.Key> {

    private final Containers containers;
    private final ToldStates told;
    private final RoundConfig config;

    OpenHints(Containers containers, ToldStates told, RoundConfig config) {
        this.containers = containers;
        this.told = told;
        this.config = config;
    }

    /**
     * Notes what a notification names, for whoever hears of it ({@link Containers#hinted}), unless that is known already. A chat is
     * named besides; of a mailbox it is the folder that is known to have it, or the whole where none is.
     *
     * @param chat path of the chat that is named; empty where none is
     */
    @Transactional(TxType.MANDATORY)
    void note(NotificationHint hint, NamedItem item, String chat) {
        getEntityManager()
                .createNativeQuery("""
                        with meant as (
                            select container_id as id from subscription where watch_id = :watch
                            union
                            select container_id from watch where id = :watch and container_id is not null),
                        hearing as (
                            select id from meant
                            union
                            select other.id
                            from container own join container other on other.path = own.path
                            where own.id = any(array(select id from meant))
                              and not exists (
                                  select 1 from subscription s where s.container_id = other.id and s.graph_id is not null)
                            union
                            select id from container where path = :chat
                            union
                            select k.container_id from watch part
                            join known_resource k on k.container_id = part.container_id and k.resource_id = :resource
                            where part.parent = :watch and not k.deleted)
                        insert into open_hint as o (container_id, resource_id, place, change_type, etag, hint)
                        select c.id, :resource, nullif(:place, ''), :change, nullif(:etag, ''), c.hints
                        from container c
                        where c.id = any(array(select id from hearing)) and c.kind in (:kinds) and c.gone_since is null
                          and (select count(*) from open_hint other where other.container_id = c.id) < :most
                          and (c.kind not in (:wholes) or (:change <> 'deleted' and not exists (
                              select 1 from watch part
                              join known_resource k on k.container_id = part.container_id and k.resource_id = :resource
                              where part.parent = :watch and not k.deleted)))
                          and not exists (
                              select 1 from known_resource k
                              where k.container_id = c.id and k.resource_id = :resource
                                and case when :change = 'deleted' then k.deleted
                                    else k.etag = :etag and not k.deleted end)
                        on conflict (container_id, resource_id) do update
                        set change_type = excluded.change_type, etag = excluded.etag, hint = excluded.hint
                        """)
                .setParameter("watch", hint.watch())
                .setParameter("resource", item.id())
                .setParameter("place", item.place().orElse(""))
                .setParameter("change", hint.changeType().orElse(""))
                .setParameter("etag", hint.etag().orElse(""))
                .setParameter("chat", chat)
                .setParameter("kinds", WatchKind.namingItems())
                .setParameter("wholes", List.of(WatchKind.MAILBOX.word()))
                .setParameter("most", config.openHints())
                .executeUpdate();
    }

    /**
     * It is that part's to show, at once or by a look at it.
     *
     * @return false where there is no such part yet
     */
    @Transactional(TxType.REQUIRES_NEW)
    boolean move(Container whole, String path, String resource) {
        @SuppressWarnings("unchecked")
        List<Number> parts = getEntityManager()
                .createNativeQuery("select id from container where portal = :portal and path = :path")
                .setParameter("portal", whole.portal().value())
                .setParameter("path", path)
                .getResultList();
        for (Number part : parts) {
            containers.due(part.longValue());
            getEntityManager()
                    .createNativeQuery("""
                            insert into open_hint (container_id, resource_id, change_type, hint, looks)
                            select id, :resource, 'created', hints, :looks from container where id = :part
                            on conflict (container_id, resource_id) do nothing
                            """)
                    .setParameter("resource", resource)
                    .setParameter("looks", config.followUps())
                    .setParameter("part", part.longValue())
                    .executeUpdate();
        }
        return !parts.isEmpty();
    }

    /** What the round that has begun is to show. */
    @Transactional(TxType.REQUIRES_NEW)
    Awaited awaited(Begun round) {
        Container container = round.container();
        if (!container.kind().namesItems() && !container.kind().namesItemsOfParts()) {
            return new Awaited(List.of(), Map.of());
        }
        List<OpenHint> open = list("containerId = ?1 and hint <= ?2 order by hint", container.id(), round.hints());
        List<String> ids = open.stream().map(hint -> hint.resourceId).toList();
        if (container.kind().namesItemsOfParts()) {
            Awaited ofParts = new Awaited(open, Map.of());
            told.inParts(container, ids).forEach(ofParts::answered);
            return ofParts;
        }
        return new Awaited(open, told.of(container, ids));
    }

    /**
     * The round is over: what it has not answered is looked for again soon. One that came meanwhile stays as it is.
     *
     * @param container locked
     */
    @Transactional(TxType.MANDATORY)
    void settle(Begun round, Container container, Awaited awaited) {
        if (awaited.isEmpty()) {
            return;
        }
        settle(round, awaited.answered());
        int left = update("looks = looks + 1 where containerId = ?1 and hint <= ?2", container.id(), round.hints());
        if (left > 0) {
            int looks = Math.max(1, container.followUps());
            container.followUps(looks);
            containers.flush();
            containers.dueWithin(container.id(), new Backoff(config.followUp(), config.longestBackoff()).after(looks));
        }
    }

    /**
     * These have been told; the round may not be over yet.
     *
     * @param ids of things in its container, which is locked
     */
    @Transactional(TxType.MANDATORY)
    void settle(Begun round, Collection<String> ids) {
        if (!ids.isEmpty()) {
            delete(
                    "containerId = ?1 and hint <= ?2 and resourceId in ?3",
                    round.container().id(),
                    round.hints(),
                    ids);
        }
    }

    /**
     * A notification's content has told it. What another has named meanwhile stays open.
     *
     * @param container locked
     */
    @Transactional(TxType.MANDATORY)
    void told(Container container, Item item) {
        Optional<ToldStates.State> state = Optional.of(new ToldStates.State(item.etag(), item.removed()));
        findByIdOptional(new OpenHint.Key(container.id(), item.id()))
                .filter(open -> open.isToldBy(state))
                .ifPresent(this::delete);
    }

    @Transactional(TxType.MANDATORY)
    void forget(long containerId) {
        delete("containerId", containerId);
    }
}
