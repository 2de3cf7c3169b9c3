package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.Answer;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.demo.PortalTopics;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;

/** The whole suite, with a portal that watches mail folders, calendars (one by its id), channels and chats, and an emulator that is not kind. */
final class LedgerStage implements AutoCloseable {

    /** Reconciles soon, so that what a lost notification would have told is found within the run. */
    static final Duration MAIL_INTERVAL = Duration.ofSeconds(30);

    static final Duration TEAMS_INTERVAL = Duration.ofSeconds(60);

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    static final String ANOTHER_CHAT = "Lunch";

    /** Who has a calendar besides the standard one. */
    static final String PLANNER = Seed.CLARA;

    private static final String PORTAL = "ledger";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalSuite local;
    private final boolean own;
    private final Rest emulator;
    private final PortalSide portal;
    private final List<Watched> watched = new ArrayList<>();
    private final String project;
    private final Instant begin;

    /**
     * A container under a watch.
     *
     * @param truth how the emulator's truth calls it
     */
    record Watched(String watch, Kind kind, String truth) {

        /** Whether a change is of this container: those of chats come through one watch. */
        boolean has(JsonNode change) {
            boolean ofChat = kind == Kind.CHAT;
            return change.path("watch").asText().equals(watch)
                    && change.path("container").asText().startsWith("chats/") == ofChat
                    && (!ofChat || truth.equals(change.path("container").asText() + "/messages"));
        }
    }

    enum Kind {
        MAIL,
        CALENDAR,
        CHANNEL,
        CHAT
    }

    LedgerStage(Checkout checkout, Path work, Progress progress) {
        this(ownSuite(checkout, work, progress), true);
    }

    /** On a suite that runs already, and goes on when this is closed. */
    LedgerStage(LocalSuite running) {
        this(running, false);
    }

    private static LocalSuite ownSuite(Checkout checkout, Path work, Progress progress) {
        LocalSuite local = LocalSuite.builder(checkout)
                .directory(work)
                .ports(Ports.free())
                .progress(progress)
                .environment("M365_SYNC_ROUND_MAIL_INTERVAL", MAIL_INTERVAL.toString())
                .environment("M365_SYNC_ROUND_TEAMS_INTERVAL", TEAMS_INTERVAL.toString())
                .prepare();
        Runtime.getRuntime().addShutdownHook(new Thread(local::close, "end"));
        local.start();
        local.keepLogs();
        return local;
    }

    private LedgerStage(LocalSuite local, boolean own) {
        this.local = local;
        this.own = own;
        Suite suite = local.suite();
        emulator = Rest.at(suite.emulatorUrl().orElseThrow());
        Administrator administrator = new Administrator(suite);
        Suite.DemoPortal onboarded = administrator.onboard(PORTAL, List.of());
        portal = new PortalSide(suite, onboarded);
        portal.publishUser(Person.ADA, Optional.of(Seed.ADA));
        portal.publishUser(Person.BEN, Optional.of(Seed.BEN));
        administrator.register(PORTAL, local.tenant());
        administrator.assign(PORTAL, Person.BEN, "service");
        project = activity(JSON.createObjectNode()
                        .put("kind", "calendar")
                        .put("mailbox", PLANNER)
                        .put("name", "Project"))
                .path("id")
                .asText();
        watchEverything(suite, onboarded);
        begin = Instant.now();
        makeAnotherChat();
    }

    private void watchEverything(Suite suite, Suite.DemoPortal onboarded) {
        Rest sync = Rest.at(suite.url(Service.SYNC)).with("X-API-Key", onboarded.key());
        String registration = "/api/portals/" + PORTAL + "/registrations/" + onboarded.registration();
        for (String mailbox : List.of(Seed.ADA, Seed.BEN, Seed.CLARA)) {
            for (String folder : List.of("inbox", "archive")) {
                ObjectNode watch = watch("mail-folder");
                watch.putObject("resource").put("user", mailbox).put("folder", folder);
                watched.add(new Watched(
                        begin(sync, registration, watch),
                        Kind.MAIL,
                        "users/" + mailbox + "/mailFolders/" + folder + "/messages"));
            }
        }
        for (String channel : List.of(Seed.GENERAL_ID, Seed.MILESTONES_ID)) {
            ObjectNode watch = watch("channel");
            watch.putObject("resource").put("teamId", Seed.TEAM_ID).put("channelId", channel);
            watched.add(new Watched(
                    begin(sync, registration, watch),
                    Kind.CHANNEL,
                    "teams/" + Seed.TEAM_ID + "/channels/" + channel + "/messages"));
        }
        for (String mailbox : List.of(Seed.ADA, Seed.BEN)) {
            ObjectNode watch = watch("calendar");
            watch.putObject("resource").put("user", mailbox);
            watched.add(new Watched(begin(sync, registration, watch), Kind.CALENDAR, "users/" + mailbox + "/events"));
        }
        ObjectNode named = watch("calendar");
        named.putObject("resource").put("user", PLANNER).put("calendar", project);
        watched.add(new Watched(
                begin(sync, registration, named),
                Kind.CALENDAR,
                "users/" + PLANNER + "/calendars/" + project + "/events"));
        ObjectNode chats = watch("chats");
        chats.putObject("resource").put("user", Seed.ADA);
        String watchOfChats = begin(sync, registration, chats);
        watched.add(new Watched(watchOfChats, Kind.CHAT, "chats/" + Seed.CHAT_ID + "/messages"));
        for (Watched each : watched) {
            await("watch " + each.truth() + " is active", () -> sync.get(registration + "/watches/" + each.watch())
                    .json()
                    .path("state")
                    .asText()
                    .equals("active"));
        }
    }

    /** One that comes into being under the watch. */
    private void makeAnotherChat() {
        ObjectNode chat = JSON.createObjectNode().put("kind", "chat").put("topic", ANOTHER_CHAT);
        chat.putArray("members").add(Seed.ADA).add(Seed.BEN).add(Seed.CLARA);
        String id = activity(chat).path("id").asText();
        String watch = watched.stream()
                .filter(each -> each.kind() == Kind.CHAT)
                .findFirst()
                .orElseThrow()
                .watch();
        watched.add(new Watched(watch, Kind.CHAT, "chats/" + id + "/messages"));
    }

    private static ObjectNode watch(String kind) {
        return JSON.createObjectNode()
                .put("kind", kind)
                .put("portaluser", Person.BEN.guid())
                .put("account", "service");
    }

    /** What the watch needs may still be on its way to sync-service. */
    private static String begin(Rest sync, String registration, ObjectNode watch) {
        Answer[] answer = new Answer[1];
        await("a watch is made", () -> {
            answer[0] = sync.post(registration + "/watches", watch);
            return answer[0].status() == 201;
        });
        return answer[0].json().path("id").asText();
    }

    /** @throws LocalException if it does not come true */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new LocalException("Not seen within " + PATIENCE.toSeconds() + " s: " + what);
            }
            Processes.pause(Duration.ofMillis(200));
        }
    }

    LocalSuite local() {
        return local;
    }

    /** When all watches were active. */
    Instant begin() {
        return begin;
    }

    /** Id of the planner's other calendar. */
    String project() {
        return project;
    }

    PortalTopics topics() {
        return portal.topics();
    }

    List<Watched> watched() {
        return List.copyOf(watched);
    }

    String emulatorUrl() {
        return local.suite().emulatorUrl().orElseThrow();
    }

    /** Every version that the container went through, and what is in it now. */
    JsonNode truth(Watched container) {
        return emulator.get("/_emulator/truth?resource=" + URLEncoder.encode(container.truth(), StandardCharsets.UTF_8))
                .expect(200)
                .json();
    }

    /** One percent of the notifications is lost, as many come twice, five percent in another order. */
    void loseSome() {
        emulator.post(
                        "/_emulator/notifications",
                        JSON.createObjectNode()
                                .put("drop", 0.01)
                                .put("duplicate", 0.01)
                                .put("reorder", 0.05))
                .expect(200);
    }

    /** As many come twice, and in another order, but none is lost. */
    void shuffleSome() {
        emulator.post(
                        "/_emulator/notifications",
                        JSON.createObjectNode().put("duplicate", 0.01).put("reorder", 0.05))
                .expect(200);
    }

    /** Some calls of the suite's are throttled, beside what Graph's own limits refuse. */
    void throttleSome() {
        ObjectNode fault = JSON.createObjectNode()
                .put("status", 429)
                .put("retryAfter", 1)
                .put("times", 1_000_000)
                .put("probability", 0.02);
        fault.putObject("match").put("path", "/v1.0/").put("clientId", Seed.CLIENT_ID);
        emulator.post("/_emulator/faults", fault).expect(201);
    }

    void beKindAgain() {
        emulator.delete("/_emulator/faults").expect(204);
        emulator.delete("/_emulator/notifications").expect(204);
    }

    /** Somebody in Microsoft 365 does something; the thing that it was done to. */
    JsonNode activity(ObjectNode what) {
        return emulator.post("/_emulator/activity", what)
                .expect(200)
                .json()
                .path("items")
                .path(0);
    }

    @Override
    public void close() {
        if (own) {
            local.close();
        } else {
            // Several of somebody's chats are watched by one.
            watched.stream().map(Watched::watch).distinct().forEach(portal::unwatch);
        }
        portal.close();
    }
}
