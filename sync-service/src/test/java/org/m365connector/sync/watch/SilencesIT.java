package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** Of one thing nothing is heard but 404s that are nobody's: the others in its container are told, and no such 404 is a deletion. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.calendar-slide", value = "1D"),
            @ResourceArg(name = "m365.sync.round.gone-looks", value = "6"),
            @ResourceArg(name = "m365.sync.round.gone-apart", value = "500MS")
        })
class SilencesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Rounds, before somebody else is answered so for once. */
    private static final int HELD_UP = 3;

    private static final String FOLDER = "'kind':'mailFolder','mailbox':'" + Seed.CLARA + "',";
    private static final String MAIL = "'kind':'mail','mailbox':'" + Seed.CLARA + "',";

    @Inject
    DataSource database;

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

    private JsonNode act(String json) {
        return microsoft.activity("{" + json + "}").at("/items/0");
    }

    private String named(String name) {
        return name + " " + watches.portal.id;
    }

    /** As it stands in an address. */
    private static String inPath(String id) {
        return id.replace("=", "(=|%3D)");
    }

    /** Calls whose path ends so are answered by a gateway. */
    private void notFoundByNobody(String path, int times) {
        microsoft.fault(
                "{'match':{'method':'GET','path':'" + path + "$'},'status':404,'html':true,'times':" + times + "}");
    }

    private void notFoundByNobody(String path) {
        notFoundByNobody(path, Integer.MAX_VALUE);
    }

    private void heldUpBy(String path, Instant since) {
        await("rounds ask for it again and again")
                .atMost(PATIENCE)
                .until(() -> microsoft.requestsSince(since).stream()
                                .filter(request -> request.matches("GET .*" + path))
                                .count()
                        >= HELD_UP);
    }

    private void asked(String path, Instant since) {
        assertThat(microsoft.requestsSince(since))
                .as("it was answered so once, and then otherwise")
                .filteredOn(request -> request.matches("GET .*" + path))
                .hasSizeGreaterThanOrEqualTo(2);
    }

    private static List<String> ids(List<Event<JsonNode>> changes) {
        return changes.stream()
                .map(change -> change.data().at("/resource/id").asText())
                .toList();
    }

    private Event<JsonNode> told(String type, String id) {
        await(type + " of " + id).atMost(PATIENCE).until(() -> ids(watches.changesOf(type))
                .contains(id));
        return watches.changesOf(type).stream()
                .filter(change -> change.data().at("/resource/id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void nothingIsToldTwice() {
        assertThat(watches.portal.changes()).extracting(Event::id).doesNotHaveDuplicates();
    }

    /** The mailbox is said to have such a folder, which no list shows by that name. */
    private void known(String folder) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement("insert into known_resource"
                        + " (container_id, resource_id, generation, etag, modified_at, deleted, scan, fields)"
                        + " select id, ?, 1, 'of before', now(), false, 0, ''"
                        + " from container where portal = ? and kind = 'mailbox'")) {
            statement.setString(1, folder);
            statement.setString(2, watches.portal.id.value());
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void whatNoListShowsAndNobodyFindsIsGoneInTheEndAndWhatAGatewayDoesNotFindOnceIsNot() throws SQLException {
        String made = act(FOLDER + "'parent':'inbox','name':'" + named("Unheard of") + "'")
                .path("id")
                .asText();
        String watch = watches.watch("{'kind':'mailbox','resource':{},'portaluser':'CLARA'}");
        // By this name it is always found.
        known("inbox");
        Instant begin = Instant.now();
        String single = "mailFolders/" + inPath(made);
        notFoundByNobody(single);
        act(FOLDER + "'op':'delete','folder':'" + made + "','forGood':true");
        heldUpBy(single, begin);
        assertThat(watches.get(watch).getString("problem")).isEqualTo("graph-refused 404 ");
        Instant once = Instant.now();
        notFoundByNobody("mailFolders/inbox", 1);
        String neighbour = act(FOLDER + "'parent':'inbox','name':'" + named("Neighbour") + "'")
                .path("id")
                .asText();

        told("mail-folder-created.v1", neighbour);
        told("mail-folder-deleted.v1", made);
        await("nothing is wrong any more")
                .atMost(PATIENCE)
                .until(() -> watches.get(watch).get("problem") == null);
        String later = act(FOLDER + "'parent':'inbox','name':'" + named("Later") + "'")
                .path("id")
                .asText();
        told("mail-folder-created.v1", later);
        asked("mailFolders/inbox", once);
        assertThat(ids(watches.changesOf("mail-folder-deleted.v1"))).containsExactly(made);
        nothingIsToldTwice();
    }

    @Test
    void mailWhoseContentNobodyFindsIsToldWithoutAndItsNeighboursWith() {
        watches.watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA','content':true}");
        microsoft.proxyProblem("{'path':'messages/delta','slug':'graph-unreachable','status':502}");
        Instant begin = Instant.now();
        String odd = act(MAIL + "'subject':'odd','body':'nobody finds this'")
                .path("immutableId")
                .asText();
        String single = "users/[^/]+/messages/" + inPath(odd);
        notFoundByNobody(single);
        microsoft.noProxyProblems("messages/delta");
        heldUpBy(single, begin);
        notFoundByNobody("users/[^/]+/messages/[^/]+", 1);
        Instant once = Instant.now();

        String neighbour = act(MAIL + "'subject':'neighbour','body':'seventeen pieces'")
                .path("immutableId")
                .asText();

        assertThat(told("mail-created.v1", neighbour)
                        .data()
                        .at("/resource/body/content")
                        .asText())
                .contains("seventeen pieces");
        asked("users/[^/]+/messages/" + inPath(neighbour), once);
        assertThat(told("mail-created.v1", odd).data().at("/resource/subject").asText())
                .isEqualTo("odd");
        assertThat(told("mail-created.v1", odd).data().at("/resource").has("body"))
                .isFalse();
        assertThat(watches.changesOf("mail-deleted.v1")).isEmpty();
        nothingIsToldTwice();
    }

    @Test
    void removalThatADeltaShowsAndNobodyConfirmsIsToldInTheEnd() {
        watches.watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        String mail = act(MAIL + "'subject':'comes twice'").path("immutableId").asText();
        told("mail-created.v1", mail);
        act(MAIL + "'op':'move','id':'" + mail + "','destination':'archive'");
        watches.awaitChanges("mail-deleted.v1", 1);
        act(MAIL + "'op':'move','id':'" + mail + "','destination':'inbox'");
        watches.awaitChanges("mail-created.v1", 2);
        Instant begin = Instant.now();
        String single = "users/[^/]+/messages/" + inPath(mail);
        notFoundByNobody(single);
        act(MAIL + "'op':'delete','id':'" + mail + "','forGood':true");
        heldUpBy(single, begin);

        String neighbour =
                act(MAIL + "'subject':'neighbour'").path("immutableId").asText();

        told("mail-created.v1", neighbour);
        assertThat(ids(watches.awaitChanges("mail-deleted.v1", 2))).containsExactly(mail, mail);
        nothingIsToldTwice();
    }

    @Test
    void eventThatItsCalendarDoesNotShowAndNobodyFindsHoldsNoOtherUp() {
        watches.watch("{'kind':'calendar','resource':{},'portaluser':'CLARA'}");
        String event = "'kind':'event','mailbox':'" + Seed.CLARA + "',";
        String gone = act(event + "'subject':'goes'").path("id").asText();
        told("event-created.v1", gone);
        Instant begin = Instant.now();
        String single = "users/[^/]+/events/" + inPath(gone);
        notFoundByNobody(single);
        act(event + "'op':'delete','id':'" + gone + "'");
        heldUpBy(single, begin);

        String neighbour = act(event + "'subject':'neighbour'").path("id").asText();

        told("event-created.v1", neighbour);
        told("event-deleted.v1", gone);
        nothingIsToldTwice();
    }

    @Test
    void ofMoreThanAreCountedAtATimeSomeAreGivenUpAfterTheOthers() throws SQLException {
        watches.watch("{'kind':'mailbox','resource':{},'portaluser':'CLARA'}");
        Instant begin = Instant.now();
        notFoundByNobody("mailFolders/unlisted[0-9]+");
        for (int number = 0; number < 25; number++) {
            known("unlisted" + number);
        }

        assertThat(ids(watches.awaitChanges("mail-folder-deleted.v1", 25))).doesNotHaveDuplicates();

        assertThat(microsoft.requestsSince(begin))
                .as("nobody is asked for more often than it takes to be sure")
                .filteredOn(request -> request.matches("GET .*mailFolders/unlisted[0-9]+"))
                .hasSizeLessThan(25 * 20);
        String neighbour = act(FOLDER + "'parent':'inbox','name':'" + named("Neighbour") + "'")
                .path("id")
                .asText();
        told("mail-folder-created.v1", neighbour);
    }
}
