package org.m365connector.emulator.graph;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.m365connector.emulator.EmulatorClock;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.activity.Activity;
import org.m365connector.emulator.graph.activity.CalendarActivity;
import org.m365connector.emulator.graph.activity.ContactActivity;
import org.m365connector.emulator.graph.activity.DriveActivity;
import org.m365connector.emulator.graph.activity.MailActivity;
import org.m365connector.emulator.graph.activity.TeamsActivity;
import org.m365connector.emulator.graph.calendar.Calendars;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.chats.Chats;
import org.m365connector.emulator.graph.contacts.Contacts;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.delta.HeldBack;
import org.m365connector.emulator.graph.drives.Drives;
import org.m365connector.emulator.graph.mail.Mail;
import org.m365connector.emulator.graph.organisation.Organisation;
import org.m365connector.emulator.graph.protocol.Batches;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphDispatcher;
import org.m365connector.emulator.graph.protocol.GraphRequest;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.subscriptions.SubscribedResources;
import org.m365connector.emulator.graph.subscriptions.SubscriptionCalls;
import org.m365connector.emulator.graph.subscriptions.Subscriptions;
import org.m365connector.emulator.graph.switches.Later;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.teams.Teams;
import org.m365connector.emulator.graph.throttling.Throttling;
import org.m365connector.emulator.graph.transfer.Transfers;
import org.m365connector.emulator.graph.truth.Truth;
import org.m365connector.emulator.graph.users.Users;
import org.m365connector.emulator.http.RequestLog;

/** Microsoft Graph under {@code /v1.0} and {@code /beta}: puts its parts together and to the wire. */
public final class GraphRoutes {

    private static final long TICK_MILLIS = 20;
    private static final String CONTENT_TYPE =
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

    private final EmulatorState state;
    private final GraphDispatcher dispatcher;
    private final Batches batches;
    private final Switches switches;

    private GraphRoutes(EmulatorState state, GraphDispatcher dispatcher, Batches batches, Switches switches) {
        this.state = state;
        this.dispatcher = dispatcher;
        this.batches = batches;
        this.switches = switches;
    }

    public static void mount(Router router, EmulatorState state) {
        Vertx vertx = state.vertx();
        EmulatorClock clock = state.clock();
        Directory directory = state.directory();
        Switches switches = new Switches(state.limits().tree("graph"));
        Later later = (delay, task) -> {
            if (delay.toMillis() < 1) {
                task.run();
            } else {
                vertx.setTimer(delay.toMillis(), timer -> task.run());
            }
        };
        Permissions permissions = new Permissions();
        Changes changes = new Changes();
        Truth truth = new Truth();
        HeldBack heldBack = new HeldBack();
        DeltaRounds deltas = new DeltaRounds(switches, heldBack, clock);
        Transfers transfers = new Transfers(switches, clock);
        Mail mail = new Mail(directory, changes, deltas, transfers, switches, later, clock);
        Teams teams = new Teams(directory, changes, permissions, deltas, switches, clock);
        Chats chats = new Chats(directory, changes, permissions, heldBack, switches, clock);
        Calendars calendars = new Calendars(directory, changes, deltas, switches, clock);
        Drives drives = new Drives(directory, changes, deltas, transfers, switches, clock);
        Contacts contacts = new Contacts(directory, changes, deltas, switches, clock);
        Organisation organisation = new Organisation(directory);
        Users users = new Users(directory, switches);
        Subscriptions subscriptions = new Subscriptions(vertx, state.tokenIssuer(), switches, clock);
        Throttling throttling = new Throttling(directory, switches, clock);
        SubscriptionCalls subscriptionCalls = new SubscriptionCalls(
                subscriptions,
                new SubscribedResources(mail, calendars, teams, chats, drives, contacts, permissions),
                switches,
                state.options().allowLoopbackHttpNotifications(),
                clock);
        Activity activity = new Activity(
                new MailActivity(mail),
                new CalendarActivity(calendars),
                new DriveActivity(drives),
                new ContactActivity(contacts),
                new TeamsActivity(teams, chats, directory),
                later);
        changes.listen(truth::record);
        changes.listen(subscriptions::on);

        RouteTable routes = new RouteTable();
        mail.addTo(routes);
        teams.addTo(routes);
        chats.addTo(routes);
        calendars.addTo(routes);
        drives.addTo(routes);
        contacts.addTo(routes);
        organisation.addTo(routes);
        users.addTo(routes);
        subscriptionCalls.addTo(routes);
        GraphDispatcher dispatcher =
                new GraphDispatcher(state.tokens(), directory, permissions, routes, throttling, clock);
        Batches batches = new Batches(
                dispatcher,
                switches,
                named -> directory.user(named).map(UserAccount::oid).orElse(named));
        GraphRoutes graph = new GraphRoutes(state, dispatcher, batches, switches);

        Runnable seed = () -> {
            switches.reset();
            throttling.reset();
            deltas.forget();
            heldBack.hold(List.of());
            subscriptions.reset();
            truth.clear();
            mail.reset();
            teams.reset();
            chats.reset();
            calendars.reset();
            drives.reset();
            contacts.reset();
            transfers.reset();
            organisation.reset();
        };
        seed.run();
        state.onReset(seed);
        vertx.setPeriodic(TICK_MILLIS, timer -> subscriptions.tick());

        new GraphControl(
                        activity,
                        new TruthResources(mail, calendars, teams, chats, drives, contacts),
                        truth,
                        subscriptions,
                        deltas,
                        heldBack,
                        switches)
                .mount(router);
        transfers.mount(router);
        router.routeWithRegex("/(v1\\.0|beta)(/.*)?").handler(graph::handle);
    }

    private void handle(RoutingContext ctx) {
        HttpServerRequest http = ctx.request();
        String path = http.path();
        int end = path.indexOf('/', 1);
        String version = end < 0 ? path.substring(1) : path.substring(1, end);
        Buffer body = ctx.body().buffer();
        RequestLog.Entry entry = RequestLog.of(ctx);
        String below = end < 0 ? "/" : path.substring(end);
        boolean batch = Batches.isBatch(http.method().name(), below);
        entry.kind(batch ? "batch" : below.startsWith("/subscriptions") ? "subscription" : "graph");
        GraphRequest request = new GraphRequest(
                http.method().name(),
                entry.requestId(),
                base(http),
                version,
                below,
                http.query(),
                name -> http.headers().getAll(name),
                caller -> note(entry, caller),
                body == null ? Buffer.buffer() : body);
        long latency = switches.number("throttling.latencyMillis");
        Later work = later(latency);
        (batch ? batches.answer(request, work) : dispatcher.answer(request, work)).onSuccess(reply -> send(ctx, reply));
    }

    /** Work takes its time, so that calls can be concurrent. */
    private Later later(long latency) {
        return (ignored, task) -> {
            if (latency <= 0) {
                task.run();
            } else {
                state.vertx().setTimer(latency, timer -> task.run());
            }
        };
    }

    private void note(RequestLog.Entry entry, Caller caller) {
        entry.clientId(caller.clientId());
        if (!caller.isApp()) {
            state.directory().userByOid(caller.id()).map(UserAccount::upn).ifPresent(entry::user);
        }
    }

    private String base(HttpServerRequest http) {
        return state.options().publicBase().orElseGet(() -> http.scheme() + "://" + http.authority());
    }

    private static void send(RoutingContext ctx, Reply reply) {
        HttpServerResponse response = ctx.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(reply.status());
        reply.headers().forEach(response::putHeader);
        if (reply.body().isEmpty()) {
            response.end();
            return;
        }
        response.putHeader("Content-Type", CONTENT_TYPE);
        response.putHeader("OData-Version", "4.0");
        response.end(Buffer.buffer(reply.body().get().toString()));
    }
}
