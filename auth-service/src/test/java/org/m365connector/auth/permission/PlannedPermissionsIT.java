package org.m365connector.auth.permission;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;

/** What is planned suffices for every call that our services make, and less does not: Graph itself says so. */
@QuarkusTest
class PlannedPermissionsIT extends AuthIT {

    private static final String SECRET = "secret-of-the-app";

    private final PermissionPlanner planner = PermissionPlanner.planner();
    private GraphOfTests graph;

    /** A line of sync-service's list of calls. */
    private record OwnCall(Feature feature, String call) {}

    @BeforeEach
    void thingsToCallFor() {
        onboard();
        graph = new GraphOfTests(entra);
    }

    @AfterEach
    void end() {
        graph.close();
    }

    @Test
    void everyCallOfOurServicesIsPlannedFor() throws IOException {
        assertThat(ownCalls()).hasSizeGreaterThan(10).allSatisfy(own -> assertThat(planner.calls(own.feature()))
                .as("feature-calls.json, %s", own.feature().slug())
                .contains(own.call()));
    }

    @Test
    void aPersonCanDoEverythingWithExactlyThePlannedPermissions() throws IOException {
        var all = new SoftAssertions();
        for (Feature feature : features()) {
            // Given an app that the administrator has given nothing but what takes an administrator
            List<String> planned = planner.least(List.of(feature), LoginKind.DELEGATED_WORK);
            String registration = "Own" + feature.slug().replace("-", "");
            String clientId = app(
                    Set.of(),
                    planned.stream()
                            .filter(name -> planner.takesAdministrator(name, LoginKind.DELEGATED_WORK))
                            .toList());
            register(registration, clientId, feature);
            String url = asPortal()
                    .body(Map.of("portaluser", ada.value(), "upn", Seed.ADA))
                    .post(path("/registrations/" + registration + "/logins"))
                    .then()
                    .statusCode(201)
                    .extract()
                    .path("loginUrl");

            // When
            signIn(url, Seed.ADA);
            String token = accessToken(registration, AccountId.ofUser(ada).value());

            // Then
            for (OwnCall own : ownCalls(feature)) {
                all.assertThat(graph.status(own.call(), "/me", token))
                        .as("%s with %s", own, planned)
                        .isBetween(200, 299);
            }
        }
        all.assertAll();
    }

    @Test
    void theAppCanDoEverythingPossibleWithExactlyThePlannedPermissions() throws IOException {
        var all = new SoftAssertions();
        for (Feature feature : features()) {
            List<String> planned = planner.least(List.of(feature), LoginKind.APPLICATION);
            String registration = "App" + feature.slug().replace("-", "");
            register(registration, app(Set.copyOf(planned), List.of()), feature);
            String token = accessToken(registration, "service");
            for (OwnCall own : ownCalls(feature)) {
                boolean impossible =
                        planner.impossible(feature, LoginKind.APPLICATION).contains(own.call());
                int status = graph.status(own.call(), "/users/" + Seed.ADA_OID, token);
                if (impossible) {
                    all.assertThat(status).as("%s", own).isBetween(400, 403);
                } else {
                    all.assertThat(status).as("%s with %s", own, planned).isBetween(200, 299);
                }
            }
        }
        all.assertAll();
    }

    @Test
    void withoutAnyOneOfThePlannedPermissionsSomeCallFails() throws IOException {
        var all = new SoftAssertions();
        for (Feature feature : features()) {
            List<String> planned = planner.least(List.of(feature), LoginKind.APPLICATION);
            for (String missing : planned) {
                Set<String> others = new LinkedHashSet<>(planned);
                others.remove(missing);
                String token = appToken(app(others, List.of()));
                boolean needed = false;
                for (OwnCall own : ownCalls(feature)) {
                    boolean ours = !planner.suffices(own.call(), LoginKind.APPLICATION, others);
                    int status = graph.status(own.call(), "/users/" + Seed.ADA_OID, token);
                    needed |= status == 403;
                    if (ours) {
                        all.assertThat(status)
                                .as("%s with %s only", own, others)
                                .isEqualTo(403);
                    }
                }
                boolean sometimes = ownCalls(feature).stream()
                        .anyMatch(own -> !planner.suffices(own.call(), LoginKind.APPLICATION, others));
                all.assertThat(needed).as("%s without %s", feature, missing).isEqualTo(sometimes);
            }
        }
        all.assertAll();
    }

    private String app(Set<String> grants, List<String> tenantConsents) {
        String clientId = UUID.randomUUID().toString();
        Map<String, Object> app = new HashMap<>();
        app.put("create", true);
        app.put("secrets", List.of(SECRET));
        app.put("grants", grants);
        app.put("delegatedGrants", tenantConsents);
        app.put("redirectUris", List.of("http://localhost:*/oauth2/callback"));
        entra.app(clientId, app);
        return clientId;
    }

    private void register(String name, String clientId, Feature feature) {
        Map<String, Object> body = registration(List.of(feature.slug()));
        body.put("name", name);
        body.put("clientId", clientId);
        body.put("credentials", List.of(Map.of("kind", "secret", "secret", SECRET)));
        asAdmin().body(body).post(path("/registrations")).then().statusCode(201);
    }

    private String accessToken(String registration, String account) {
        return token(Map.of("portal", portal.value(), "registration", registration, "account", account))
                .statusCode(200)
                .extract()
                .path("accessToken");
    }

    private String appToken(String clientId) {
        return given().formParams(Map.of(
                        "grant_type",
                        "client_credentials",
                        "client_id",
                        clientId,
                        "client_secret",
                        SECRET,
                        "scope",
                        "https://graph.microsoft.com/.default"))
                .post(entra.base() + "/" + Seed.TENANT_ID + "/oauth2/v2.0/token")
                .then()
                .statusCode(200)
                .extract()
                .path("access_token");
    }

    private static List<Feature> features() throws IOException {
        return ownCalls().stream().map(OwnCall::feature).distinct().toList();
    }

    private static List<OwnCall> ownCalls(Feature feature) throws IOException {
        return ownCalls().stream().filter(own -> own.feature() == feature).toList();
    }

    /** The list stands where the calls are made; sync-service's own test keeps it complete. */
    private static List<OwnCall> ownCalls() throws IOException {
        return Files.readAllLines(Path.of("../sync-service/src/test/resources/graph-calls.txt")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> new OwnCall(
                        Feature.ofSlug(line.substring(0, line.indexOf(' '))).orElseThrow(),
                        line.substring(line.indexOf(' ') + 1)))
                .toList();
    }
}
