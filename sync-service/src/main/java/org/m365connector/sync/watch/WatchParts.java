package org.m365connector.sync.watch;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.m365connector.events.EventCodec;

/**
 * The parts of a watch of many containers come and go with what is found. Each watch of the whole has its own parts, so that a
 * part's container is handed over, shared and given up like any other.
 */
@ApplicationScoped
public class WatchParts {
    private static final Logger LOG = Logger.getLogger(WatchParts.class);

    private final Watches watches;
    private final Containers containers;
    private final SubscriptionRecords subscriptions;
    private final SyncNews news;
    private final Clock clock;

    WatchParts(Watches watches, Containers containers, SubscriptionRecords subscriptions, SyncNews news, Clock clock) {
        this.watches = watches;
        this.containers = containers;
        this.subscriptions = subscriptions;
        this.news = news;
        this.clock = clock;
    }

    /**
     * Makes and ends parts.
     *
     * @param whole a locked container that has parts
     * @param there ids of things that are in it
     * @param gone ids of things that are not in it any more
     * @param touched ids of things in which something has changed
     */
    @Transactional(TxType.MANDATORY)
    public void follow(Container whole, Collection<String> there, Collection<String> gone, Collection<String> touched) {
        List<Watch> wholes = watches.livingLocked(whole.id());
        Map<String, Set<Long>> parts = new HashMap<>();
        living(wholes).forEach(part -> parts.computeIfAbsent(part.parent, any -> new HashSet<>())
                .add(part.containerId));
        Map<String, Long> known = containers.idsOf(whole.portal(), paths(whole, there));
        Map<String, List<Watch>> joining = new TreeMap<>();
        for (String id : there) {
            Optional<Long> part = Optional.ofNullable(known.get(path(whole, id)));
            List<Watch> without = wholes.stream()
                    .filter(watch -> part.filter(parts.getOrDefault(watch.id, Set.of())::contains)
                            .isEmpty())
                    .toList();
            if (!without.isEmpty()) {
                joining.put(id, without);
            }
        }
        // All at once and in one order, since others may lock the same containers as parts of their wholes.
        Map<String, Container> locked = containers.lockedOf(
                whole.portal(),
                paths(
                        whole,
                        Stream.concat(joining.keySet().stream(), touched.stream())
                                .toList()));
        joining.forEach((id, without) -> {
            Optional<Container> container = Optional.ofNullable(locked.get(path(whole, id)));
            for (Watch watch : without) {
                container = Optional.of(add(whole, watch, id, container));
            }
        });
        gone(whole, gone);
        containers.partsDue(whole, paths(whole, touched));
    }

    /**
     * Ends parts.
     *
     * @param whole locked
     * @param gone ids of things that are not in it any more
     */
    @Transactional(TxType.MANDATORY)
    public void gone(Container whole, Collection<String> gone) {
        if (gone.isEmpty()) {
            return;
        }
        Collection<Long> ids =
                containers.idsOf(whole.portal(), paths(whole, gone)).values();
        living(watches.livingLocked(whole.id())).stream()
                .filter(part -> ids.contains(part.containerId))
                .forEach(part -> part.become(Watch.State.ENDING, clock.instant()));
    }

    private List<Watch> living(List<Watch> wholes) {
        return watches.parts(wholes.stream().map(Watch::id).toList()).stream()
                .filter(part -> part.state() != Watch.State.ENDING)
                .toList();
    }

    /**
     * What happens in it is told from the moment on from which the whole is watched.
     *
     * @param there its container, locked, if there is one
     */
    private Container add(Container whole, Watch watch, String id, Optional<Container> there) {
        Watch part = new Watch();
        part.id = UUID.randomUUID().toString();
        part.parent = watch.id;
        part.portal = watch.portal;
        part.registration = watch.registration;
        part.kind = kind(whole).word();
        part.resource = new String(EventCodec.bytes(thing(whole, watch, id)), StandardCharsets.UTF_8);
        part.portalUser = watch.portalUser;
        part.account = watch.account;
        part.filter = watch.filter;
        part.content = watch.content;
        part.includeOwn = watch.includeOwn;
        part.createdAt = clock.instant();
        part.portalVersion = watch.portalVersion;
        part.registrationVersion = watch.registrationVersion;
        part.become(Watch.State.WATCHING, clock.instant());
        Container container = there.orElseGet(() -> {
            Container made = Container.found(
                    watch.portal(), path(whole, id), kind(whole), part.id, whole.since(), clock.instant());
            containers.persistAndFlush(made);
            return made;
        });
        if (container.absence().isGone()) {
            // Its whole shows it.
            container.carriedAnewBy(part.id, clock.instant(), clock.instant());
        }
        part.containerId = container.id();
        watches.persist(part);
        news.joined(container, part);
        if (!whole.kind().tellsOfParts()) {
            watches.flush();
            subscriptions.add(container.id());
        }
        LOG.debugf("part of a watch watch=%s container=%s", watch.id, container.path());
        return container;
    }

    private static WatchKind kind(Container whole) {
        return whole.kind().part().orElseThrow();
    }

    private static List<String> paths(Container whole, Collection<String> ids) {
        return ids.stream().map(id -> path(whole, id)).toList();
    }

    private static String path(Container whole, String id) {
        return switch (whole.kind()) {
            // Whoever looks at it, it is one.
            case CHATS -> "chats/" + id;
            case TEAM, MAILBOX -> whole.path() + "/" + id;
            case MAIL_FOLDER, CONTACTS, DRIVE, CALENDAR, CHANNEL, CHAT ->
                throw new IllegalStateException(whole.kind() + " has no parts");
        };
    }

    private static WatchedThing thing(Container whole, Watch watch, String id) {
        String owner = whole.path().split("/", -1)[1];
        return switch (whole.kind()) {
            case CHATS -> WatchedThing.chatOf(watch.thing().user(), owner);
            case TEAM -> WatchedThing.channel(owner, id);
            case MAILBOX -> WatchedThing.mailFolder(watch.thing().user(), id);
            case MAIL_FOLDER, CONTACTS, DRIVE, CALENDAR, CHANNEL, CHAT ->
                throw new IllegalStateException(whole.kind() + " has no parts");
        };
    }
}
