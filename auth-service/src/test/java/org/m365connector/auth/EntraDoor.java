package org.m365connector.auth;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;

/** The emulator's control door, for tests. */
public final class EntraDoor {

    private final String base;

    EntraDoor(String base) {
        this.base = base;
    }

    public String base() {
        return base;
    }

    /** Number of the last request that the emulator saw. */
    public long mark() {
        List<Integer> seen = requests("0").getList("requests.seq");
        return seen.isEmpty() ? 0 : seen.get(seen.size() - 1);
    }

    /** How often the token endpoint was asked after that. */
    public long tokenCallsSince(long mark) {
        List<String> paths = requests(Long.toString(mark)).getList("requests.path");
        return paths.stream()
                .filter(path -> path.endsWith("/oauth2/v2.0/token"))
                .count();
    }

    public void account(String upn, Map<String, Object> switches) {
        post("/_emulator/accounts/" + upn, switches);
    }

    public void app(String clientId, Map<String, Object> switches) {
        post("/_emulator/apps/" + clientId, switches);
    }

    /** Somebody registers an app in Entra's portal; what Entra says of it. */
    public JsonPath register(Map<String, Object> app) {
        return given().contentType(ContentType.JSON)
                .body(app)
                .post(base + "/_emulator/apps")
                .then()
                .statusCode(201)
                .extract()
                .jsonPath();
    }

    /** Somebody in Microsoft 365 does something; the id of what came of it. */
    public String activity(Map<String, Object> what) {
        return given().contentType(ContentType.JSON)
                .body(what)
                .post(base + "/_emulator/activity")
                .then()
                .statusCode(org.hamcrest.Matchers.lessThan(300))
                .extract()
                .path("ids[0]");
    }

    /** Makes Microsoft's clock go ahead: what was throttled is free again. */
    public void advance(java.time.Duration by) {
        post("/_emulator/clock", Map.of("advance", by.toString()));
    }

    /** Microsoft's pages cut themselves off from whoever opened them (Cross-Origin-Opener-Policy). */
    public void signInPagesCutOpener() {
        post("/_emulator/entra", Map.of("assumed", Map.of("signInPagesCutOpener", true)));
    }

    /** Entra takes an app whose public client flows are on for a public client, and wants no credential of it (AADSTS700025). */
    public void deviceCodeRefusesSecret() {
        post("/_emulator/entra", Map.of("assumed", Map.of("deviceCodeRefusesSecret", true)));
    }

    /** A fault at the endpoint of Entra's signing keys. */
    public void keysFault(Map<String, Object> fault) {
        Map<String, Object> all = new java.util.HashMap<>(fault);
        all.put("match", Map.of("path", "/discovery/v2.0/keys"));
        post("/_emulator/faults", all);
    }

    /** A fault at the token endpoint. */
    public void tokenFault(Map<String, Object> fault) {
        Map<String, Object> all = new java.util.HashMap<>(fault);
        all.put("match", Map.of("path", "/oauth2/v2.0/token"));
        post("/_emulator/faults", all);
    }

    public void noFaults() {
        given().delete(base + "/_emulator/faults").then().statusCode(204);
    }

    public void reset() {
        given().post(base + "/_emulator/reset").then().statusCode(204);
    }

    private JsonPath requests(String since) {
        return given().get(base + "/_emulator/requests?since=" + since)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private void post(String path, Map<String, Object> body) {
        given().contentType(ContentType.JSON)
                .body(body)
                .post(base + path)
                .then()
                .statusCode(org.hamcrest.Matchers.lessThan(300));
    }
}
