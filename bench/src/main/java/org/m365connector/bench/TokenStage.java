package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.m365connector.backends.Database;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.PostgresServer;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.hunt.SecretHunt;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.VaultKey;

/**
 * What auth-service needs around it: a Kafka and a PostgreSQL that really write, Entra ID from the emulator in this JVM,
 * and a portal with people who have signed in through its pages.
 */
final class TokenStage implements AutoCloseable {

    static final String REGISTRATION = "Main";
    private static final String ADMIN_KEY = "admin-key-of-the-benchmark-0123456789";
    private static final String SERVICE_KEY = "service-key-of-the-benchmark-0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Checkout checkout;
    private final Path work;
    private final PostgresServer postgres;
    private final Database database;
    private final KafkaProcess kafka;
    private final String keyset = VaultKey.fresh();
    private final int[] ports = freePorts(2);
    private final List<Replica> replicas = new ArrayList<>();
    private Emulator emulator;

    TokenStage(Checkout checkout, Path work) {
        this.checkout = checkout;
        this.work = work;
        Scratch.delete(work);
        postgres = PostgresServer.start(work.resolve("postgres"), freePorts(1)[0]);
        database = postgres.schema("auth");
        kafka = KafkaProcess.start(work.resolve("kafka"), freePorts(1)[0]);
    }

    /** Another Entra ID, in which access tokens live so long, and no replicas yet. */
    void entra(int tokenSeconds) {
        endReplicas();
        if (emulator != null) {
            emulator.close();
        }
        // The callback of this run is registered; Entra's own brakes on a client in a loop are not what is measured.
        emulator = Emulator.start(EmulatorOptions.defaults()
                .withAccessTokenSeconds(tokenSeconds)
                .withRedirectUris(List.of(url(0) + "/oauth2/callback"))
                .withLimit("entra.sameRefreshes.count", 1_000_000)
                .withLimit("entra.sameClientCredentials.count", 1_000_000));
    }

    Checkout checkout() {
        return checkout;
    }

    Path work() {
        return work;
    }

    Emulator emulator() {
        return emulator;
    }

    /** Starts replica 0 or 1 as it is packaged, and waits until it is ready. */
    Replica start(int number) {
        return start(number, List.of("-jar", checkout.application(Service.AUTH).toString()), Map.of());
    }

    /**
     * Starts replica 0 or 1 in another way, and waits until it is ready.
     *
     * @param launch options of the JVM, and what it starts
     * @param more variables
     */
    Replica start(int number, List<String> launch, Map<String, String> more) {
        Replica replica = Replica.start(Service.AUTH, launch, url(number), environment(number, more), work, number);
        synchronized (replicas) {
            replicas.add(replica);
        }
        replica.awaitReady();
        return replica;
    }

    private Map<String, String> environment(int number, Map<String, String> more) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        variables.put("QUARKUS_HTTP_PORT", Integer.toString(ports[number]));
        variables.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        variables.put("M365_ADMIN_KEY", ADMIN_KEY);
        variables.put("M365_SERVICE_KEYS", SERVICE_KEY);
        variables.put("M365_VAULT_KEYSET", keyset);
        variables.put("M365_PUBLIC_LOGIN_URL", url(0));
        variables.put("M365_ENTRA_AUTHORITY", emulator.httpBase());
        variables.put("M365_GRAPH_BASE_URL", emulator.httpBase());
        variables.put("QUARKUS_DATASOURCE_JDBC_URL", database.jdbcUrl());
        variables.put("QUARKUS_DATASOURCE_USERNAME", database.username());
        variables.put("QUARKUS_DATASOURCE_PASSWORD", database.password());
        variables.putAll(more);
        return variables;
    }

    /** Onboards a portal with a registration; its service account is ready, nobody has signed in. */
    void onboard(String portal) {
        Rest admin = Rest.at(url(0)).bearer(ADMIN_KEY);
        ObjectNode body = JSON.createObjectNode();
        body.put("id", portal)
                .put("name", portal)
                .put("intrexxVersion", "12.0.0")
                .put("language", "en");
        body.putArray("origins").add("https://portal.example");
        admin.post("/api/portals", body).expect(201);
        ObjectNode registration = JSON.createObjectNode();
        registration.put("name", REGISTRATION).put("accountTypes", "business").put("administrator", user(0));
        registration.putArray("features").add("mail-read");
        registration.put("tenantId", Seed.TENANT_ID).put("clientId", Seed.CLIENT_ID);
        registration.putArray("credentials").addObject().put("kind", "secret").put("secret", Seed.CLIENT_SECRET);
        admin.post("/api/portals/" + portal + "/registrations", registration).expect(201);
    }

    /** So many portal users sign in as Ben, each with tokens of his own; how their accounts are called. */
    List<String> signIn(String portal, int people) {
        String key = Rest.at(url(0))
                .bearer(ADMIN_KEY)
                .post("/api/portals/" + portal + "/keys", JSON.createObjectNode())
                .expect(201)
                .json()
                .findValue("value")
                .asText();
        Rest portalSide = Rest.at(url(0)).with("X-API-Key", key);
        List<String> accounts = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            String link = portalSide
                    .post(
                            "/api/portals/" + portal + "/registrations/" + REGISTRATION + "/logins",
                            JSON.createObjectNode()
                                    .put("portaluser", user(i))
                                    .put("display", "popup")
                                    .put("upn", Seed.BEN))
                    .expect(201)
                    .json()
                    .path("loginUrl")
                    .asText();
            FormBrowser browser = FormBrowser.create();
            browser.signIn(browser.open(link), Seed.BEN, Seed.PASSWORD);
            accounts.add("user:" + user(i));
        }
        long ready = number("select count(*) from account where state = 'READY' and account like 'user:%'"
                + " and portal_id = '" + portal + "'");
        if (ready != people) {
            throw new LocalException("Only " + ready + " of " + people + " could sign in; see " + work);
        }
        return accounts;
    }

    /** A question for a token, ready to be sent. */
    byte[] question(String portal, String account) {
        return question(body(portal, account).toString());
    }

    /** A question that no token from before can answer, because Graph demands another one: a renewal each time. */
    byte[] questionForAnother(String portal, String account) {
        ObjectNode body = body(portal, account);
        body.put("claims", "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}");
        return question(body.toString());
    }

    private static byte[] question(String json) {
        String head = "POST /internal/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + SERVICE_KEY
                + "\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: "
                + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n";
        return (head + json).getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode body(String portal, String account) {
        return JSON.createObjectNode()
                .put("portal", portal)
                .put("registration", REGISTRATION)
                .put("account", account)
                .put("minimumTtl", 0);
    }

    String url(int number) {
        return "http://localhost:" + ports[number];
    }

    int port(int number) {
        return ports[number];
    }

    /** Number of the last request that Entra has seen. */
    long mark() {
        JsonNode seen = requests(0);
        return seen.isEmpty() ? 0 : seen.get(seen.size() - 1).path("seq").asLong();
    }

    /** How often Entra was asked for tokens after that, by its own log. */
    long tokenCalls(long mark, boolean onlyAnswered) {
        long count = 0;
        for (JsonNode request : requests(mark)) {
            boolean token = request.path("path").asText().endsWith("/oauth2/v2.0/token");
            if (token && (!onlyAnswered || request.path("status").asInt() == 200)) {
                count++;
            }
        }
        return count;
    }

    private JsonNode requests(long since) {
        return emulator.ask(state -> state.requests().json(since, Instant.EPOCH).path("requests"));
    }

    long number(String sql) {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new LocalException("Cannot ask the database: " + e.getMessage(), e);
        }
    }

    /** Places where a token or a secret of this run can be read, in logs, events and database together. */
    long plainTokens() {
        SecretHunt hunt = new SecretHunt(
                new SecretHunt.Places(work, kafka.bootstrapServers(), postgres.jdbcUrl() + "?user=postgres"),
                List.of(ADMIN_KEY, SERVICE_KEY, keyset));
        List<String> found = new ArrayList<>(hunt.inLogs());
        found.addAll(hunt.inEvents());
        found.addAll(hunt.inPostgres());
        return found.size();
    }

    void endReplicas() {
        synchronized (replicas) {
            replicas.forEach(Replica::close);
            replicas.clear();
        }
    }

    @Override
    public void close() {
        endReplicas();
        if (emulator != null) {
            emulator.close();
        }
        kafka.close();
        postgres.close();
        Scratch.delete(work.resolve("postgres"));
        Scratch.delete(work.resolve("kafka"));
    }

    private static String user(int number) {
        return String.format(Locale.ROOT, "%040X", number + 1);
    }

    private static int[] freePorts(int count) {
        List<ServerSocket> reserved = new ArrayList<>();
        try {
            int[] found = new int[count];
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                reserved.add(socket);
                found[i] = socket.getLocalPort();
            }
            for (ServerSocket socket : reserved) {
                socket.close();
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
