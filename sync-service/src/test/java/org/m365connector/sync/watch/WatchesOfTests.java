package org.m365connector.sync.watch;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.m365connector.events.Event;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.PortalOfTests;

/** The watches of a fresh portal, and what they made it hear. */
final class WatchesOfTests implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    final PortalOfTests portal = new PortalOfTests();
    private final List<String> watches = new ArrayList<>();

    RequestSpecification request() {
        return given().header("X-API-Key", portal.key).contentType("application/json");
    }

    String path() {
        return "/api/portals/" + portal.id + "/registrations/Main/watches";
    }

    /** A new watch that need not be active. */
    String post(String json) {
        Response answer = await().until(
                        () -> request().body(json.replace('\'', '"')).post(path()),
                        response -> response.statusCode() != 401);
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(201);
        watches.add(answer.path("id"));
        return answer.path("id");
    }

    String watch(String json) {
        String id = post(json);
        becomes(id, "active");
        return id;
    }

    void becomes(String watch, String state) {
        await(state).atMost(PATIENCE).until(() -> get(watch).getString("state"), state::equals);
    }

    JsonPath get(String watch) {
        return request().get(path() + "/" + watch).jsonPath();
    }

    void end(String watch) {
        request().delete(path() + "/" + watch).then().statusCode(204);
    }

    boolean isGone(String watch) {
        return request().get(path() + "/" + watch).statusCode() == 404;
    }

    List<Event<JsonNode>> changesOf(String type) {
        return portal.changes().stream()
                .filter(change -> change.type().equals(type))
                .toList();
    }

    List<Event<JsonNode>> awaitChanges(String type, int count) {
        await(count + " " + type).atMost(PATIENCE).until(() -> changesOf(type).size() >= count);
        assertThat(changesOf(type)).hasSize(count);
        return changesOf(type);
    }

    /** The first change of that type that is meant. */
    Event<JsonNode> awaitChange(String type, Predicate<Event<JsonNode>> meant) {
        await(type).atMost(PATIENCE).until(() -> changesOf(type).stream().anyMatch(meant));
        return changesOf(type).stream().filter(meant).findFirst().orElseThrow();
    }

    /** What the changes of one container say is there (etag by id), the same as is true; nothing twice, no version that never was. */
    void awaitTruth(Microsoft microsoft, String container, Map<String, String> untold) {
        await("changes add up to the truth")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(told(untold)).isEqualTo(microsoft.present(container)));
        Set<String> versions = new HashSet<>();
        microsoft
                .truth(container)
                .path("versions")
                .forEach(
                        version -> versions.add(version.path(version.has("immutableId") ? "immutableId" : "id")
                                        .asText() + " " + version.path("etag").asText()));
        Set<String> ids = new HashSet<>();
        for (Event<JsonNode> change : portal.changes()) {
            assertThat(ids.add(change.id())).as("told once").isTrue();
            JsonNode resource = change.data().path("resource");
            if (!change.type().contains("-deleted.") && resource.has("etag")) {
                assertThat(versions)
                        .contains(resource.path("id").asText() + " "
                                + resource.path("etag").asText());
            }
        }
    }

    private Map<String, String> told(Map<String, String> untold) {
        Map<String, String> state = new TreeMap<>(untold);
        for (Event<JsonNode> change : portal.changes()) {
            JsonNode resource = change.data().path("resource");
            if (change.type().contains("-deleted.")) {
                state.remove(resource.path("id").asText());
            } else {
                state.put(resource.path("id").asText(), resource.path("etag").asText());
            }
        }
        return state;
    }

    @Override
    public void close() {
        watches.forEach(watch -> request().delete(path() + "/" + watch));
        await().atMost(PATIENCE).until(() -> watches.stream().allMatch(this::isGone));
        portal.close();
    }
}
