package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;

/** The whole suite, and a tenant with so many mailboxes that portals watch so many folders of them. */
final class WatchesStage implements AutoCloseable {

    private static final List<String> FOLDERS = List.of("inbox", "archive", "sentitems", "junkemail");
    private static final int PER_PORTAL = 1_000;
    private static final int MAKERS = 4;
    private static final int PAGE = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalSuite local;
    private final Suite suite;
    private final Rest emulator;
    private final List<Portal> portals = new ArrayList<>();
    private final List<Folder> folders = new ArrayList<>();

    /** @param path of its registration at sync-service */
    private record Portal(String id, Rest sync, String path) {}

    /**
     * What is watched.
     *
     * @param owner his object id
     */
    record Folder(String mailbox, String owner, String name) {}

    /** @param life of every subscription that Graph grants */
    WatchesStage(Checkout checkout, Path work, int watches, Duration life, Progress progress) {
        local = LocalSuite.builder(checkout)
                .directory(work)
                .ports(Ports.free())
                .progress(progress)
                .prepare();
        Runtime.getRuntime().addShutdownHook(new Thread(local::close, "end"));
        local.start();
        local.keepLogs();
        suite = local.suite();
        emulator = Rest.at(suite.emulatorUrl().orElseThrow());
        ObjectNode switches = JSON.createObjectNode();
        switches.putObject("subscription").put("grantAtMostSeconds", life.toSeconds());
        emulator.post("/_emulator/graph", switches).expect(200);
        employ(watches);
        Administrator administrator = new Administrator(suite);
        for (int i = 0; i * PER_PORTAL < watches; i++) {
            onboard(administrator, "watches-" + i);
        }
    }

    private void employ(int watches) {
        for (int i = 0; i * FOLDERS.size() < watches; i++) {
            String upn = "employee" + i + "@" + Seed.DOMAIN;
            String oid = emulator.post(
                            "/_emulator/accounts", JSON.createObjectNode().put("upn", upn))
                    .expect(201)
                    .json()
                    .path("oid")
                    .asText();
            FOLDERS.forEach(folder -> folders.add(new Folder(upn, oid, folder)));
        }
        folders.subList(watches, folders.size()).clear();
    }

    private void onboard(Administrator administrator, String id) {
        Suite.DemoPortal onboarded = administrator.onboard(id, List.of());
        try (PortalSide side = new PortalSide(suite, onboarded)) {
            side.publishUser(Person.ADA, Optional.of(Seed.ADA));
            side.publishUser(Person.BEN, Optional.of(Seed.BEN));
        }
        administrator.register(id, local.tenant());
        administrator.assign(id, Person.BEN, "service");
        portals.add(new Portal(
                id,
                Rest.at(suite.url(Service.SYNC)).with("X-API-Key", onboarded.key()),
                "/api/portals/" + id + "/registrations/" + onboarded.registration() + "/watches"));
    }

    /** Returns when sync-service has them all; they need not be active. */
    void watchAll() {
        for (int i = 0; i < portals.size(); i++) {
            // What the first one needs may still be on its way to sync-service.
            int portal = i;
            LedgerStage.await("a watch is made", () -> begin(portals.get(portal), folders.get(portal)) == 201);
        }
        AtomicInteger next = new AtomicInteger(portals.size());
        List<Callable<Void>> makers = new ArrayList<>();
        for (int i = 0; i < MAKERS; i++) {
            makers.add(() -> {
                for (int at = next.getAndIncrement(); at < folders.size(); at = next.getAndIncrement()) {
                    Portal portal = portals.get(at % portals.size());
                    portal.sync().post(portal.path(), watch(folders.get(at))).expect(201);
                }
                return null;
            });
        }
        Load.together(makers);
    }

    private static int begin(Portal portal, Folder folder) {
        return portal.sync().post(portal.path(), watch(folder)).status();
    }

    private static ObjectNode watch(Folder folder) {
        ObjectNode watch = JSON.createObjectNode()
                .put("kind", "mail-folder")
                .put("portaluser", Person.BEN.guid())
                .put("account", "service");
        watch.putObject("resource").put("user", folder.mailbox()).put("folder", folder.name());
        return watch;
    }

    /** How many watches are in this state by what sync-service tells the portals. */
    int inState(String state) {
        int found = 0;
        for (Portal portal : portals) {
            String after = "";
            do {
                JsonNode page = portal.sync()
                        .get(portal.path() + "?limit=" + PAGE + "&after=" + after)
                        .expect(200)
                        .json();
                for (JsonNode watch : page.path("items")) {
                    found += watch.path("state").asText().equals(state) ? 1 : 0;
                }
                after = page.path("next").asText("");
            } while (!after.isEmpty());
        }
        return found;
    }

    List<Folder> folders() {
        return List.copyOf(folders);
    }

    Rest emulator() {
        return emulator;
    }

    /** Hears all portals' changes from now on. */
    ChangesHeard listen() {
        return new ChangesHeard(
                suite.kafkaBootstrap(),
                portals.stream()
                        .map(portal -> "portal." + portal.id() + ".changes")
                        .toList());
    }

    /** A new mail; its immutable id. */
    String mailArrives(Folder folder, int number) {
        ObjectNode mail = JSON.createObjectNode()
                .put("kind", "mail")
                .put("op", "create")
                .put("mailbox", folder.mailbox())
                .put("folder", folder.name())
                .put("subject", "Mail " + number);
        return emulator.post("/_emulator/activity", mail)
                .expect(200)
                .json()
                .path("items")
                .path(0)
                .path("immutableId")
                .asText();
    }

    /** Graph refuses whatever is asked of this mailbox. */
    void throttle(Folder folder) {
        ObjectNode fault = JSON.createObjectNode()
                .put("status", 429)
                .put("retryAfter", 5)
                .put("times", 1_000_000)
                .put("probability", 1);
        fault.putObject("match").put("path", "/v1.0/users/" + folder.owner() + "/");
        emulator.post("/_emulator/faults", fault).expect(201);
    }

    void throttleNobody() {
        emulator.delete("/_emulator/faults").expect(204);
    }

    long syncPid() {
        return local.process(Service.SYNC).pid();
    }

    int portals() {
        return portals.size();
    }

    @Override
    public void close() {
        local.close();
    }
}
