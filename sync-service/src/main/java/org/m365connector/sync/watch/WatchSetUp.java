package org.m365connector.sync.watch;

import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.UserItemRequestBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.work.Backoff;
import org.m365connector.sync.work.Leases;

/**
 * Finds the container that a watch means, asking Graph as the account that will watch: so whoever may not look at it gets no
 * watch. Names such as {@code inbox} and user principal names become ids, so that two watches of one container are seen as such.
 */
@ApplicationScoped
class WatchSetUp {
    private static final Logger LOG = Logger.getLogger(WatchSetUp.class);

    /** A person signs in, an administrator repairs, or the news has not arrived yet: worth another attempt. */
    private static final Set<String> MAY_CHANGE = Set.of(
            "login-required", "consent-required", "credential-expired", "registration-incomplete", "not-entitled");

    /** Graph takes no token of ours: mostly for a moment, but some of its answers mean a permission that is missing for good. */
    private static final String TOKEN_REFUSED = "graph-token-refused";

    private static final Duration TOKEN_REFUSED_FOR = Duration.ofHours(24);

    private static final Set<String> MAY_TURN_UP = Set.of("portal-user-unknown", "registration-unknown");

    private final Watches watches;
    private final Containers containers;
    private final SubscriptionRecords subscriptions;
    private final SyncNews news;
    private final GraphAccess graph;
    private final Leases leases;
    private final WatchConfig config;
    private final Clock clock;
    private final Backoff backoff;

    WatchSetUp(
            Watches watches,
            Containers containers,
            SubscriptionRecords subscriptions,
            SyncNews news,
            GraphAccess graph,
            Leases leases,
            WatchConfig config,
            Clock clock) {
        this.watches = watches;
        this.containers = containers;
        this.subscriptions = subscriptions;
        this.news = news;
        this.graph = graph;
        this.leases = leases;
        this.config = config;
        this.clock = clock;
        this.backoff = new Backoff(config.firstBackoff(), config.longestBackoff());
    }

    /** A watch that a worker has claimed, read once. */
    record Claimed(Watch watch, String owner) {}

    /** @param since the beginning of what the portal is told, by Graph's own clock */
    record Found(String path, Instant since) {}

    @Transactional(TxType.REQUIRES_NEW)
    Optional<Claimed> claim() {
        String owner = leases.newOwner();
        return watches.claim(owner, Watch.State.NEW, config.lease().toMillis()).map(watch -> new Claimed(watch, owner));
    }

    /** No transaction: this asks Graph. */
    Found find(Watch watch) {
        GraphServiceClient client = graph.as(watch.acting());
        return switch (watch.kind()) {
            case MAIL_FOLDER -> findFolder(client, watch.thing());
            case MAILBOX -> findMailbox(client, watch.thing());
            case CONTACTS -> findContacts(client, watch.thing());
            case DRIVE -> findDrive(client, watch.thing());
            case CHANNEL -> findChannel(client, watch.thing());
            case CALENDAR -> findCalendar(client, watch.thing());
            case TEAM -> findTeam(client, watch.thing());
            case CHATS -> findChats(client, watch.thing());
            case CHAT -> throw new IllegalStateException("a part is found with its whole");
        };
    }

    private Found findFolder(GraphServiceClient client, WatchedThing thing) {
        String user = userId(client, thing);
        Instant since = graphNow();
        String folder = client.users()
                .byUserId(user)
                .mailFolders()
                .byMailFolderId(thing.folder().orElse("inbox"))
                .get()
                .getId();
        return new Found("users/" + user + "/mailFolders/" + folder, since);
    }

    private Found findMailbox(GraphServiceClient client, WatchedThing thing) {
        String user = userId(client, thing);
        Instant since = graphNow();
        client.users()
                .byUserId(user)
                .mailFolders()
                .byMailFolderId("msgfolderroot")
                .get();
        return new Found("users/" + user + "/mailFolders", since);
    }

    private Found findContacts(GraphServiceClient client, WatchedThing thing) {
        String user = userId(client, thing);
        Instant since = graphNow();
        if (thing.folder().isEmpty()) {
            client.users().byUserId(user).contacts().get(request -> request.queryParameters.top = 1);
            return new Found("users/" + user + "/contacts", since);
        }
        String folder = client.users()
                .byUserId(user)
                .contactFolders()
                .byContactFolderId(thing.folder().get())
                .get()
                .getId();
        return new Found("users/" + user + "/contactFolders/" + folder + "/contacts", since);
    }

    /** Somebody's drive is called by his name, since whose it is its id does not say. */
    private Found findDrive(GraphServiceClient client, WatchedThing thing) {
        if (thing.driveId().isPresent()) {
            String drive = client.drives()
                    .byDriveId(thing.driveId().get())
                    .get(request -> request.queryParameters.select = new String[] {"id"})
                    .getId();
            return new Found("drives/" + drive, graphNow());
        }
        String user = userId(client, thing);
        Instant since = graphNow();
        client.users().byUserId(user).drive().get(request -> request.queryParameters.select = new String[] {"id"});
        return new Found("users/" + user + "/drive", since);
    }

    private static String userId(GraphServiceClient client, WatchedThing thing) {
        UserItemRequestBuilder user =
                thing.user().map(name -> client.users().byUserId(name)).orElseGet(client::me);
        return user.get(request -> request.queryParameters.select = new String[] {"id"})
                .getId();
    }

    private Found findChats(GraphServiceClient client, WatchedThing thing) {
        String user = userId(client, thing);
        Instant since = graphNow();
        client.users().byUserId(user).chats().get(request -> request.queryParameters.top = 1);
        return new Found("users/" + user + "/chats", since);
    }

    private Found findCalendar(GraphServiceClient client, WatchedThing thing) {
        String user = userId(client, thing);
        Instant since = graphNow();
        String mailbox = "users/" + user;
        String calendar = thing.calendar()
                .flatMap(id -> CalendarPlace.named(client, user, id))
                .map(id -> mailbox + "/calendars/" + id)
                .orElse(mailbox);
        // Somebody else's that is shared may be read, and not followed: what the watch will do is tried.
        CalendarPlace.follow(client, user, calendar, since);
        return new Found(calendar + "/events", since);
    }

    private Found findTeam(GraphServiceClient client, WatchedThing thing) {
        String team = thing.teamId().orElseThrow();
        client.teams().byTeamId(team).channels().get();
        return new Found("teams/" + team + "/channels", graphNow());
    }

    private Found findChannel(GraphServiceClient client, WatchedThing thing) {
        String team = thing.teamId().orElseThrow();
        String channel = client.teams()
                .byTeamId(team)
                .channels()
                .byChannelId(thing.channelId().orElseThrow())
                .get()
                .getId();
        return new Found("teams/" + team + "/channels/" + channel, graphNow());
    }

    /** Graph says whole seconds; what happened in the same second is rather told than kept. */
    private Instant graphNow() {
        return GraphAccess.timeOfLastAnswer().orElseGet(clock::instant).truncatedTo(ChronoUnit.SECONDS);
    }

    @Transactional(TxType.REQUIRES_NEW)
    long found(Claimed claimed, Found found) {
        // Locked, before the watch is, as everywhere: a round that ends meanwhile tells either this watch too, or
        // before it comes.
        Optional<Container> there = containers.lockedOf(claimed.watch().portal(), found.path());
        Watch watch = watches.owned(claimed.watch().id(), claimed.owner());
        Container container = there.orElseGet(() -> {
            Container made = Container.found(
                    watch.portal(), found.path(), watch.kind(), watch.id(), found.since(), clock.instant());
            containers.persistAndFlush(made);
            return made;
        });
        watch.containerId = container.id();
        if (container.absence().isGone()) {
            // What counted as gone has just been found, by whoever is to look at it now.
            container.carriedAnewBy(watch.id(), clock.instant(), clock.instant());
        } else if (container.kind().part().isPresent()) {
            // It has no parts of its own yet.
            containers.due(container.id());
        }
        watch.problem = null;
        watch.become(Watch.State.WATCHING, clock.instant());
        news.joined(container, watch);
        watches.flush();
        // A folder may have been there as a part of a mailbox, and had none.
        subscriptions.add(container.id());
        containers.wishesMayHaveChanged(container.id());
        LOG.infof("watch set up watch=%s portal=%s container=%s", watch.id(), watch.portal(), found.path());
        return container.id();
    }

    /** Graph is as it should be, but this cannot be watched. */
    @Transactional(TxType.REQUIRES_NEW)
    void refused(Claimed claimed, SyncProblem why) {
        Watch watch = watches.owned(claimed.watch().id(), claimed.owner());
        watch.problem = why.slug();
        watch.become(Watch.State.REFUSED, clock.instant());
        LOG.infof("watch refused watch=%s problem=%s", watch.id(), watch.problem);
    }

    @Transactional(TxType.REQUIRES_NEW)
    void failed(Claimed claimed, GraphFailure failure) {
        Watch watch = watches.owned(claimed.watch().id(), claimed.owner());
        watch.attempts++;
        watch.problem = failure.words();
        Duration pause = failure.retryAfter().orElseGet(() -> backoff.after(watch.attempts));
        watch.become(
                worthAnotherAttempt(watch, failure) ? Watch.State.NEW : Watch.State.REFUSED,
                clock.instant().plus(pause));
        LOG.infof("watch not set up watch=%s state=%s problem=%s", watch.id(), watch.state(), watch.problem);
    }

    private boolean worthAnotherAttempt(Watch watch, GraphFailure failure) {
        if (failure.retryable()) {
            return true;
        }
        return failure instanceof GraphFailure.Problem problem
                && (MAY_CHANGE.contains(problem.slug())
                        || (MAY_TURN_UP.contains(problem.slug()) && isYounger(watch, config.unknownGrace()))
                        || (TOKEN_REFUSED.equals(problem.slug()) && isYounger(watch, TOKEN_REFUSED_FOR)));
    }

    private boolean isYounger(Watch watch, Duration age) {
        return clock.instant().isBefore(watch.createdAt.plus(age));
    }
}
