package org.m365connector.assignment;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.m365connector.assignment.TestPortal.SOON;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalUser;

/** Assignments from a file, and into one. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class TransferIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");

    private static KafkaSide kafka;

    @Inject
    AgroalDataSource database;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void fileIsTakenInAsItIsWrittenInExcelAndReachesEverybody() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Geschäftsführung"), List.of()));
        portal.awaitAccounts(ADA, "[current-user]");
        var file = "kind;id;accounts;default\r\ngroup;Geschäftsführung;service current-user;current-user\r\nuser;" + BEN
                + ";service;\r\n";

        importing(portal, "text/csv", file.getBytes(Charset.forName("windows-1252")), "")
                .statusCode(200)
                .body("rows", equalTo(2))
                .body("added", equalTo(2));

        portal.awaitAccounts(ADA, "service, [current-user]");
        portal.awaitAccounts(BEN, "[service]");
        TestPortal.asAdmin()
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body("items.reason", hasItem(startsWith("import ")));
        // The same again changes nothing.
        importing(portal, "text/csv", file.getBytes(Charset.forName("windows-1252")), "")
                .statusCode(200)
                .body("unchanged", equalTo(2))
                .body("added", equalTo(0));
        TestPortal.asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .statusCode(200)
                .body("state", hasItem("done"))
                .body("rows", hasItem(2));
    }

    @Test
    void oneMistakeAndNothingIsTakenIn() throws Exception {
        var portal = TestPortal.registered(kafka);
        var file = """
                kind;id;accounts
                group;Sales;service
                planet;Mars;service
                group;Sales;current-user
                group;Support;nobody-made-me
                """;

        importing(portal, "text/csv", file.getBytes(UTF_8), "")
                .statusCode(422)
                .body("type", equalTo("/problems/import-refused"))
                .body("problemCount", equalTo(3))
                .body("problems.line", equalTo(List.of(3, 4, 5)))
                .body("problems[0].column", equalTo("kind, id"))
                .body("problems[1].type", equalTo("/problems/import-duplicate"))
                .body("problems[2].type", equalTo("/problems/account-unknown"));

        TestPortal.asAdmin().get(portal.assignmentsPath()).then().body("items", hasSize(2));
        TestPortal.asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .body("state", equalTo(List.of("refused")));
    }

    @Test
    void whatMayBeASlipOfThePenIsSaidAsOfASingleAssignment() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("library", AccountState.NEEDS_LOGIN, 1);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Readers"), List.of()));
        portal.awaitAccounts(ADA, "[current-user]");
        await().atMost(SOON).untilAsserted(() -> portal.assign("group", "Readers", "library")
                .statusCode(201));
        var file = """
                kind;id;accounts
                group;Readers;library
                group;Raeders;current-user
                role;Boss;current-user
                user;%s;current-user
                user;NOBODY;current-user
                """.formatted(ADA);

        for (var query : List.of("?dryRun=true", "")) {
            importing(portal, "text/csv", file.getBytes(UTF_8), query)
                    .statusCode(200)
                    .body("warningCount", equalTo(4))
                    .body(
                            "warnings.warning",
                            equalTo(List.of(
                                    "account-needs-login",
                                    "principal-unknown",
                                    "principal-unknown",
                                    "principal-unknown")))
                    .body("warnings.about", equalTo(List.of("library", "Raeders", "Boss", "NOBODY")));
        }
    }

    @Test
    void dryRunSaysWhatWouldHappenAndChangesNothing() throws Exception {
        var portal = TestPortal.registered(kafka);
        var file = "[{\"principal\":{\"kind\":\"default\"},\"accounts\":[\"service\"]},"
                + "{\"principal\":{\"kind\":\"group\",\"id\":\"Sales\"},\"accounts\":[\"service\"]}]";

        importing(portal, "application/json", file.getBytes(UTF_8), "?dryRun=true&mode=replace")
                .statusCode(200)
                .body("dryRun", equalTo(true))
                .body("added", equalTo(1))
                .body("changed", equalTo(1))
                .body("removed", equalTo(1));

        TestPortal.asAdmin()
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(2))
                .body("items.version", equalTo(List.of(1, 1)));
        TestPortal.asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .body("state", equalTo(List.of("checked")));
        assertThat(portal.accountsOf(AssignmentsRecord.DEFAULT)).contains("[current-user]");
    }

    @Test
    void whatIsExportedImportsAgainToTheSameState() throws Exception {
        var portal = TestPortal.registered(kafka);
        for (var group : List.of("a;b", "say \"cheese\"", "Zürich, Süd", " blank ", "back\\slash", "=1+1")) {
            portal.assign("group", group, "service", "current-user").statusCode(201);
        }
        importing(
                        portal,
                        "application/json",
                        ("[{\"principal\":{\"kind\":\"user\",\"id\":\"" + ADA + "\"},\"accounts\":[\"service\"],"
                                        + "\"narrowing\":{\"service\":{\"mailbox\":\"own\",\"teams\":[\"a\\\\b\"]}}}]")
                                .getBytes(UTF_8),
                        "")
                .statusCode(200);
        var csv = exported(portal, "text/csv");
        var json = exported(portal, "application/json");
        assertThat(new String(csv, UTF_8)).startsWith("\uFEFFkind;id;accounts;default;narrowing\n");
        importing(portal, "application/json", "[]".getBytes(UTF_8), "?mode=replace")
                .statusCode(409)
                .body("type", equalTo("/problems/last-administrator-assignment"));
        importing(portal, "application/json", "[]".getBytes(UTF_8), "?mode=replace&force=true")
                .statusCode(200)
                .body("removed", equalTo(9));
        portal.awaitTombstone(portal.administrator);

        importing(portal, "text/csv", csv, "?mode=replace").statusCode(200).body("added", equalTo(9));

        assertThat(exported(portal, "text/csv")).isEqualTo(csv);
        assertThat(exported(portal, "application/json")).isEqualTo(json);
        importing(portal, "application/json", json, "?mode=replace")
                .statusCode(200)
                .body("unchanged", equalTo(9))
                .body("removed", equalTo(0));
        portal.awaitAccounts(portal.administrator, "[current-user], service");

        // What was wide is wide again, and two files in one are not half read
        importing(
                        portal,
                        "application/json",
                        ("[{\"principal\":{\"kind\":\"group\",\"id\":\"=1+1\"},\"accounts\":[\"service\",\"current-user\"],"
                                        + "\"narrowing\":{\"service\":{\"mailbox\":\"none\"}}}]")
                                .getBytes(UTF_8),
                        "")
                .statusCode(200);
        assertThat(exported(portal, "application/json")).isNotEqualTo(json);
        importing(portal, "application/json", json, "?mode=replace").statusCode(200);
        assertThat(exported(portal, "application/json")).isEqualTo(json);
        importing(portal, "application/json", (new String(json, UTF_8) + "[]").getBytes(UTF_8), "?mode=replace")
                .statusCode(422)
                .body("type", equalTo("/problems/import-refused"));
    }

    @Test
    void theLargestAssignmentIsExportedAndImportsAgain() throws Exception {
        // Given one that has all that an assignment may have, in characters that take twice their room in a file
        var portal = TestPortal.registered(kafka);
        var accounts = new ArrayList<>(List.of("service", "current-user"));
        var narrowing = new TreeMap<String, Object>();
        for (var i = 0; i < 18; i++) {
            var name = String.format(Locale.ROOT, "a%063d", i);
            accounts.add(name);
            narrowing.put(name, Map.of("operations", List.of(Map.of("method", "*", "path", "/\"\\"))));
            portal.staticAccountIs(name, AccountState.READY, 1);
        }
        var id = "\u20AC".repeat(200);
        await().atMost(SOON).untilAsserted(() -> assigned(portal, id, accounts, narrowing, 660)
                .statusCode(422)
                .body("type", equalTo("/problems/narrowing-too-large")));
        await().atMost(SOON).untilAsserted(() -> assigned(portal, id, accounts, narrowing, 644)
                .statusCode(201));
        assertThat(narrowingBytes(portal)).isBetween(255 * 1024, 256 * 1024);

        for (var type : List.of("text/csv", "application/json")) {
            // When it is exported, changed and imported again
            var file = exported(portal, type);
            importing(
                            portal,
                            "application/json",
                            ("[{\"principal\":{\"kind\":\"group\",\"id\":\"" + id + "\"},\"accounts\":[\"service\"]}]")
                                    .getBytes(UTF_8),
                            "")
                    .statusCode(200)
                    .body("changed", equalTo(1));
            importing(portal, type, file, "?mode=replace").statusCode(200).body("changed", equalTo(1));

            // Then it is what it was
            assertThat(exported(portal, type)).isEqualTo(file);
        }
    }

    private static ValidatableResponse assigned(
            TestPortal portal, String id, List<String> accounts, Map<String, Object> narrowing, int teams) {
        var all = new TreeMap<>(narrowing);
        all.put("service", Map.of("teams", Collections.nCopies(teams, "\"".repeat(200))));
        return TestPortal.asAdmin()
                .body(Map.of("principal", Map.of("kind", "group", "id", id), "accounts", accounts, "narrowing", all))
                .post(portal.assignmentsPath())
                .then();
    }

    private int narrowingBytes(TestPortal portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        select max(octet_length(replace(replace(narrowing::text, ': ', ':'), ', ', ','))) from assignment
                        where portal_id = '%s'""".formatted(portal.id))) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void twoThousandRowsAndADozenMegabytesAreNoMatter() throws Exception {
        var portal = TestPortal.registered(kafka);
        var file = new StringBuilder("kind;id;accounts\n");
        for (var i = 0; i < 2_000; i++) {
            file.append("user;").append(String.format(Locale.ROOT, "%040X", i)).append(";service\n");
        }
        // Empty lines, and a length that nobody announces.
        var whole = (file + "\n".repeat(12 * 1024 * 1024)).getBytes(UTF_8);

        var answer = sent(portal.assignmentsPath() + "/import", "text/csv", whole);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"added\":2000");
        portal.awaitAccounts(new PortalUser(String.format(Locale.ROOT, "%040X", 1_999)), "[service]");
    }

    @Test
    void otherBodiesStaySmall() throws Exception {
        var portal = TestPortal.registered(kafka);
        var large = ("{\"groups\":[\"" + "x".repeat(11 * 1024 * 1024) + "\"]}").getBytes(UTF_8);

        assertThat(sent(portal.path("/users/" + ADA), "application/json", large).statusCode())
                .isEqualTo(413);
        TestPortal.asAdmin()
                .body(large)
                .put(portal.path("/users/" + ADA))
                .then()
                .statusCode(413);
    }

    @Test
    void onlyAnAdministratorMovesFiles() throws Exception {
        var portal = TestPortal.registered(kafka);

        portal.asPortal()
                .contentType("text/csv")
                .body("kind;accounts\n")
                .post(portal.assignmentsPath() + "/import")
                .then()
                .statusCode(403);
        portal.asPortal().get(portal.assignmentsPath() + "/export").then().statusCode(403);
        TestPortal.asAdmin()
                .get(portal.path("/registrations/Other/assignments/export"))
                .then()
                .statusCode(404);
    }

    /** Without a length in the header. */
    private static HttpResponse<String> sent(String path, String type, byte[] body)
            throws IOException, InterruptedException {
        var method = path.endsWith("/import") ? "POST" : "PUT";
        var request = HttpRequest.newBuilder(
                        URI.create(ConfigProvider.getConfig().getValue("test.url", String.class) + path))
                .header("Authorization", "Bearer " + TestPortal.ADMIN_KEY)
                .header("Content-Type", type)
                .method(method, HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                .build();
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static ValidatableResponse importing(TestPortal portal, String type, byte[] file, String query) {
        return given().header("Authorization", "Bearer " + TestPortal.ADMIN_KEY)
                .contentType(type)
                .body(file)
                .post(portal.assignmentsPath() + "/import" + query)
                .then();
    }

    private static byte[] exported(TestPortal portal, String type) {
        return TestPortal.asAdmin()
                .accept(type)
                .get(portal.assignmentsPath() + "/export")
                .then()
                .statusCode(200)
                .extract()
                .asByteArray();
    }
}
