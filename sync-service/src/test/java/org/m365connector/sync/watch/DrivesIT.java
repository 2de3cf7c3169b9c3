package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** What is special about drives; what holds for every container is WatchIT's. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class DrivesIT {
    private static final String DRIVE = "users/" + Seed.CLARA + "/drive";

    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        watches = new WatchesOfTests();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
    }

    private String watchDrive() {
        return watches.watch("{'kind':'drive','resource':{},'portaluser':'CLARA'}");
    }

    private String item(String op, String more) {
        return microsoft
                .activity("{'kind':'driveItem','op':'" + op + "','mailbox':'" + Seed.CLARA + "'," + more + "}")
                .at("/ids/0")
                .asText();
    }

    /** No name is taken twice. */
    private String named(String name) {
        return "'name':'" + name + " " + watches.portal.id + "'";
    }

    private List<Event<JsonNode>> changesOfItem(String id) {
        return watches.portal.changes().stream()
                .filter(change -> change.data().at("/resource/id").asText().equals(id))
                .toList();
    }

    /** Graph tells its time in whole seconds, and what happened in the same second is rather told than kept. */
    private static void nextSecond() {
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
    }

    @Test
    void itemsOfADriveComeChangeMoveAndGoInOrder() {
        String old = item("create", named("old"));
        nextSecond();
        String watch = watchDrive();
        assertThat(watches.get(watch).getString("updates.mode")).isEqualTo("notifications");

        String folder = item("create", "'type':'folder'," + named("Reports"));
        String file = item("create", named("Plan"));
        Event<JsonNode> created = watches.awaitChanges("drive-item-created.v1", 2).stream()
                .filter(change -> change.data().at("/resource/id").asText().equals(file))
                .findFirst()
                .orElseThrow();
        assertThat(created.subject()).contains("users/" + Seed.CLARA_OID + "/drive/items/" + file);
        assertThat(created.data().path("container").asText()).isEqualTo("users/" + Seed.CLARA_OID + "/drive");
        assertThat(created.data().at("/resource/type").asText()).isEqualTo("file");

        item("update", "'id':'" + file + "','size':4096");
        assertThat(changed(1)).contains("content", "size");
        item("update", "'id':'" + file + "'," + named("Plan B"));
        assertThat(changed(2)).containsExactly("name");
        item("move", "'id':'" + file + "','destination':'" + folder + "'");
        assertThat(changed(3)).containsExactly("parentId");

        // With the folder goes what is in it; the folder itself was not changed by all that.
        item("delete", "'id':'" + folder + "'");
        watches.awaitChanges("drive-item-deleted.v1", 2);
        item("delete", "'id':'" + old + "'");
        watches.awaitChanges("drive-item-deleted.v1", 3);
        assertThat(changesOfItem(file))
                .extracting(Event::type)
                .containsExactly(
                        "drive-item-created.v1",
                        "drive-item-updated.v1",
                        "drive-item-updated.v1",
                        "drive-item-updated.v1",
                        "drive-item-deleted.v1");
        assertThat(changesOfItem(folder))
                .extracting(Event::type)
                .containsExactly("drive-item-created.v1", "drive-item-deleted.v1");
    }

    /** What the last one of so many updates changed. */
    private List<String> changed(int count) {
        JsonNode changed = watches.awaitChanges("drive-item-updated.v1", count)
                .get(count - 1)
                .data()
                .path("changed");
        return Stream.iterate(0, i -> i < changed.size(), i -> i + 1)
                .map(i -> changed.get(i).asText())
                .toList();
    }

    @Test
    void driveIsTrueInTheEndWhateverNotificationsAndDeltaLinksAreLost() {
        watchDrive();
        Map<String, String> untold = new TreeMap<>(microsoft.present(DRIVE));
        String folder = item("create", "'type':'folder'," + named("Folder"));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(23);
        for (int i = 0; i < 30; i++) {
            String op = i < 12
                    ? "create"
                    : List.of("create", "update", "delete", "move").get(random.nextInt(4));
            switch (op) {
                case "create" -> item(op, "'parent':'" + (i % 2 == 0 ? "root" : folder) + "'," + named("file " + i));
                case "update" -> item(op, named("other " + i));
                case "move" -> {
                    String made = item("create", named("moves " + i));
                    item(op, "'id':'" + made + "','destination':'" + folder + "'");
                }
                default -> {
                    String made = item("create", named("goes " + i));
                    item(op, "'id':'" + made + "'");
                }
            }
            if (i == 20) {
                microsoft.forgetDeltaLinks();
            }
        }

        watches.awaitTruth(microsoft, DRIVE, untold);
    }

    @Test
    void whatWasDeletedWhileTheDeltaLinkDiedIsFoundByAFullScan() {
        String kept = item("create", named("kept"));
        String deleted = item("create", named("deleted"));
        nextSecond();
        watchDrive();
        microsoft.notifications("{'drop':true}");

        item("delete", "'id':'" + deleted + "'");
        microsoft.forgetDeltaLinks();

        assertThat(watches.awaitChanges("drive-item-deleted.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(deleted);
        assertThat(changesOfItem(kept)).isEmpty();
    }

    @Test
    void driveOfSomebodyElseIsRefusedAndTheAppNamesWhichItMeans() {
        String refused = watches.post("{'kind':'drive','resource':{'user':'" + Seed.BEN + "'},'portaluser':'ADA'}");
        watches.becomes(refused, "refused");
        watches.request()
                .body("{\"kind\":\"drive\",\"resource\":{},\"portaluser\":\"ADA\",\"account\":\"service\"}")
                .post(watches.path())
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "app-only-not-supported");
        watches.request()
                .body("{\"kind\":\"drive\",\"resource\":{\"driveId\":\"b!x\",\"user\":\"u\"},\"portaluser\":\"ADA\"}")
                .post(watches.path())
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "invalid-watch");

        String id = microsoft.truth(DRIVE).path("resource").asText().split("/", -1)[1];
        String watch = watches.watch(
                "{'kind':'drive','resource':{'driveId':'" + id + "'},'portaluser':'ADA','account':'service'}");
        String made = item("create", named("by id"));
        assertThat(watches.awaitChanges("drive-item-created.v1", 1).get(0).subject())
                .contains("drives/" + id + "/items/" + made);
        assertThat(watches.get(watch).getString("container")).isEqualTo("drives/" + id);
    }
}
