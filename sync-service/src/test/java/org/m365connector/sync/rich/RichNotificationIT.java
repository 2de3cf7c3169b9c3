package org.m365connector.sync.rich;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;
import org.assertj.core.api.Assertions;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.EncryptedResource;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Topics;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.PortalOfTests;
import org.m365connector.sync.door.ClientStates;
import org.m365connector.view.Views;

/** Content in notifications saves the round; whatever is wrong with it, the round tells what is true. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class RichNotificationIT {
    private static final String NO_ROUNDS = "{'match':{'method':'GET','path':'delta'},'status':503}";
    private static final Duration LONG = Duration.ofMinutes(3);

    @Inject
    DataSource database;

    @Inject
    ClientStates clientStates;

    @Inject
    Views views;

    @Inject
    MeterRegistry meters;

    @Inject
    NotificationKeys keys;

    private final Microsoft microsoft = new Microsoft();
    private final List<String> watches = new ArrayList<>();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler logs = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            StringWriter thrown = new StringWriter();
            if (entry.getThrown() != null) {
                // With the messages of all causes.
                entry.getThrown().printStackTrace(new PrintWriter(thrown));
            }
            String context = entry instanceof ExtLogRecord more ? String.valueOf(more.getMdcCopy()) : "";
            logged.add(entry.getMessage() + " " + List.of(params(entry)) + " " + context + " " + thrown);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private PortalOfTests portal;

    private static Object[] params(LogRecord entry) {
        return entry.getParameters() == null
                ? new Object[0]
                : java.util.Arrays.stream(entry.getParameters())
                        .map(String::valueOf)
                        .toArray();
    }

    @BeforeEach
    void onboard() {
        microsoft.calm();
        portal = new PortalOfTests();
        portal.registrationComplete(views);
        Logger.getLogger("").addHandler(logs);
    }

    @AfterEach
    void leave() {
        Logger.getLogger("").removeHandler(logs);
        microsoft.calm();
        watches.forEach(watch -> request().delete(path() + "/" + watch));
        await().atMost(LONG).until(() -> watches.stream()
                .allMatch(watch -> request().get(path() + "/" + watch).statusCode() == 404));
        portal.close();
    }

    private RequestSpecification request() {
        return given().header("X-API-Key", portal.key).contentType("application/json");
    }

    private String path() {
        return "/api/portals/" + portal.id + "/registrations/Main/watches";
    }

    private String watch(String json) {
        Response answer = await().until(
                        () -> request().body(json.replace('\'', '"')).post(path()),
                        response -> response.statusCode() != 401);
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(201);
        String id = answer.path("id");
        watches.add(id);
        await("watch is active").atMost(LONG).until(() -> isActive(id));
        return id;
    }

    private boolean isActive(String id) {
        return request().get(path() + "/" + id).jsonPath().getString("state").equals("active");
    }

    private String watchInbox(boolean rich) {
        return watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA','richNotifications':"
                + rich + "}");
    }

    private void newMail(String subject) {
        microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "','subject':'" + subject + "'}");
    }

    private List<Event<JsonNode>> told(String type) {
        return portal.changes().stream()
                .filter(change -> change.type().equals(type))
                .toList();
    }

    private void awaitTold(String type, int count) {
        await().atMost(LONG).untilAsserted(() -> assertThat(told(type)).as(type).hasSize(count));
    }

    private double ended(String how) {
        return meters.counter("m365.sync.rich", "end", how).count();
    }

    /** Nothing of the subscription's watch is under way. */
    private void awaitQuiet() {
        await().atMost(LONG)
                .until(() -> number("select count(*) from container where portal = '" + portal.id
                                + "' and (lease_owner is not null or hints > served_hints or follow_ups > 0"
                                + " or baseline or scanning)")
                        == 0);
    }

    private long number(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private JsonNode subscription() {
        return await().atMost(LONG)
                .until(() -> microsoft.subscriptions(), list -> !list.isEmpty())
                .get(0);
    }

    @Test
    void mailArrivesWithoutARoundAndTheRoundTellsNothingTwice() {
        watchInbox(true);
        awaitQuiet();
        assertThat(subscription().path("includeResourceData").asBoolean()).isTrue();

        microsoft.fault(NO_ROUNDS);
        // Every third notification of Graph names no version, and is left to the round.
        AtomicInteger mails = new AtomicInteger();
        await().atMost(LONG).pollInterval(Duration.ofMillis(500)).until(() -> {
            newMail("told early " + mails.getAndIncrement());
            return told("mail-created.v1").size() >= 2;
        });
        Event<JsonNode> early = told("mail-created.v1").get(0);
        assertThat(early.data().at("/resource/subject").asText()).startsWith("told early");
        assertThat(early.data().at("/resource/etag").asText()).isNotEmpty();

        microsoft.noFaults();
        awaitTold("mail-created.v1", mails.get());
        microsoft.activity("{'kind':'mail','op':'update','mailbox':'" + Seed.CLARA + "'}");
        awaitTold("mail-updated.v1", 1);
        assertThat(told("mail-updated.v1").get(0).data().path("changed").toString())
                .isEqualTo("[\"isRead\"]");
        awaitQuiet();
        assertThat(told("mail-created.v1")).hasSize(mails.get());
        assertThat(portal.state())
                .isEqualTo(microsoft.present("users/" + Seed.CLARA + "/mailFolders/inbox/messages").entrySet().stream()
                        .filter(mail -> portal.state().containsKey(mail.getKey()))
                        .collect(java.util.stream.Collectors.toMap(
                                java.util.Map.Entry::getKey, java.util.Map.Entry::getValue)));
        assertThat(logged).noneMatch(line -> line.contains("told early") || line.contains("eyJ"));
    }

    @Test
    void messagesOfAChannelArriveWithoutARoundWithTokensOfEitherShape() {
        watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'" + Seed.GENERAL_ID
                + "'},'portaluser':'ADA','richNotifications':true}");
        awaitQuiet();
        microsoft.fault(NO_ROUNDS);
        String root = microsoft
                .activity("{'kind':'channelMessage','op':'create','content':'first shape'}")
                .at("/ids/0")
                .asText();
        awaitTold("channel-message-created.v1", 1);

        microsoft.switches("{'rich':{'tokenVersion':2}}");
        microsoft.activity("{'kind':'channelMessage','op':'create','content':'second shape','replyTo':'" + root + "'}");
        awaitTold("channel-message-created.v1", 2);
        assertThat(told("channel-message-created.v1").get(1).subject().orElseThrow())
                .contains("/messages/" + root + "/replies/");

        microsoft.noFaults();
        microsoft.activity("{'kind':'channelMessage','op':'delete','id':'" + root + "'}");
        awaitTold("channel-message-deleted.v1", 1);
        awaitQuiet();
        assertThat(told("channel-message-created.v1")).hasSize(2);
    }

    @Test
    void forgedContentTellsNothingAndTheChangeStillArrivesByTheRound() throws SQLException {
        watchInbox(true);
        awaitQuiet();
        int mails = 0;
        for (String bad : List.of(
                "missing",
                "wrongAudience",
                "wrongPublisher",
                "wrongTenant",
                "wrongIssuer",
                "expired",
                "notYet",
                "tampered",
                "unknownKey",
                "unsigned",
                "symmetric",
                "otherAlgorithm")) {
            double refused = ended("not-proven");
            microsoft.switches("{'rich':{'token':'" + bad + "'}}");
            newMail("by the round " + bad);
            awaitTold("mail-created.v1", ++mails);
            if (!bad.equals("missing")) {
                await(bad).until(() -> ended("not-proven") > refused);
            }
        }
        microsoft.switches("{'rich':{'token':'good'}}");
        for (String bad : List.of("swapped", "badSignature")) {
            double refused = ended("not-opened");
            microsoft.switches("{'rich':{'content':'" + bad + "'}}");
            newMail("by the round " + bad);
            awaitTold("mail-created.v1", ++mails);
            await(bad).until(() -> ended("not-opened") > refused);
        }
        awaitQuiet();
        assertThat(told("mail-created.v1")).hasSize(mails);
        assertThat(number("select count(*) from known_resource where unproven")).isZero();
        assertThat(logged).noneMatch(line -> line.contains("by the round") || line.contains("eyJ"));
        microsoft.deliveries().forEach(delivery -> assertThat(
                        delivery.path("outcome").asText())
                .isIn("202", "503"));
    }

    @Test
    void whatWasToldEarlyAndIsGoneBeforeAnyRoundSawItIsToldToBeGone() {
        watchInbox(true);
        awaitQuiet();
        microsoft.fault(NO_ROUNDS);
        AtomicInteger mails = new AtomicInteger();
        await().atMost(LONG).pollInterval(Duration.ofMillis(500)).until(() -> {
            newMail("short-lived " + mails.incrementAndGet());
            return !told("mail-created.v1").isEmpty();
        });
        microsoft.notifications("{'drop':true}");
        for (int i = 0; i < mails.get(); i++) {
            microsoft.activity("{'kind':'mail','op':'delete','mailbox':'" + Seed.CLARA + "'}");
        }

        microsoft.noFaults();

        await().atMost(LONG).until(() -> portal.state().isEmpty());
        assertThat(told("mail-deleted.v1")).hasSameSizeAs(told("mail-created.v1"));
    }

    @Test
    void whatRefusedContentNamesIsAskedForWhereTheDeltaLags() throws SQLException {
        watchInbox(true);
        awaitQuiet();
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");
        int mails = 0;
        for (String bad : List.of("{'token':'tampered'}", "{'token':'good','content':'swapped'}")) {
            microsoft.switches("{'rich':" + bad + "}");
            // Every third notification names no version.
            for (int i = 0; i < 3; i++) {
                newMail("shown by no delta");
                awaitTold("mail-created.v1", ++mails);
            }
        }

        microsoft.holdDeltas();
        microsoft.switches("{'rich':{'content':'good'}}");
        newMail("shown by a delta");
        awaitTold("mail-created.v1", ++mails);
        awaitQuiet();
        assertThat(told("mail-created.v1")).hasSize(mails);
        assertThat(openHints()).isZero();
    }

    @Test
    void whatIsToldEarlyIsNotAskedFor() throws SQLException {
        watchInbox(true);
        awaitQuiet();
        microsoft.fault(NO_ROUNDS);

        awaitToldEarly("told by its notification");

        assertThat(number("select count(*) from open_hint h join known_resource k using (container_id, resource_id)"
                        + " where k.unproven and h.etag = k.etag and h.container_id in (select id from container where portal = '"
                        + portal.id + "')"))
                .as("told and still open")
                .isZero();
    }

    private long openHints() throws SQLException {
        return number("select count(*) from open_hint where container_id in (select id from container where portal = '"
                + portal.id + "')");
    }

    @Test
    void replayedNotificationDoesNotBringBackWhatIsGone() {
        String watch = watchInbox(true);
        awaitQuiet();
        newMail("gone for good");
        awaitTold("mail-created.v1", 1);
        ObjectNode replayed = replay(watch);
        microsoft.activity("{'kind':'mail','op':'delete','mailbox':'" + Seed.CLARA + "'}");
        awaitTold("mail-deleted.v1", 1);
        awaitQuiet();

        for (int i = 0; i < 2; i++) {
            // Graph sends again what is answered 503.
            int answer = await().until(
                            () -> given().contentType("application/json")
                                    .body(replayed.toString())
                                    .post("/notifications")
                                    .statusCode(),
                            status -> status != 503);
            assertThat(answer).isEqualTo(202);
        }

        await().atMost(LONG).until(() -> logged.stream().anyMatch(line -> line.contains("left to the round")));
        awaitQuiet();
        assertThat(told("mail-created.v1")).hasSize(1);
        assertThat(portal.state()).isEmpty();
    }

    /** The last notification of that watch as Graph would send it again. */
    private ObjectNode replay(String watch) {
        EncryptedResource content = await().atMost(LONG)
                .until(
                        () -> PortalOfTests.records(Topics.NOTIFICATIONS).stream()
                                .filter(record -> record.key().equals(watch))
                                .map(record -> EventCodec.read(record))
                                .map(org.m365connector.events.Reading.Understood.class::cast)
                                .map(read -> read.event().data().path("content"))
                                .filter(JsonNode::isObject)
                                .map(node -> EventCodec.json().convertValue(node, EncryptedResource.class))
                                .toList(),
                        list -> !list.isEmpty())
                .get(0);
        ObjectNode body = EventCodec.json().createObjectNode();
        ObjectNode item = body.putArray("value").addObject();
        item.put("clientState", clientStates.withContent(watch)).put("subscriptionId", "replayed");
        item.put("changeType", "created").put("tenantId", content.tenantId());
        item.putObject("resourceData")
                .put("id", content.resourceId())
                .put("@odata.etag", content.etag().orElse("W/\"replayed\""));
        item.putObject("encryptedContent")
                .put("data", content.data())
                .put("dataKey", content.dataKey())
                .put("dataSignature", content.dataSignature())
                .put("encryptionCertificateId", content.certificateId());
        content.validationTokens().forEach(body.putArray("validationTokens")::add);
        return body;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Encrypted for us, as anybody can do it who has seen the certificate. */
    private void seal(ObjectNode item, String plaintext) throws GeneralSecurityException {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Cipher aes = Cipher.getInstance("AES/CBC/PKCS5Padding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(Arrays.copyOf(key, 16)));
        byte[] data = aes.doFinal(utf8(plaintext));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        NotificationKeys.PublicPart ours = keys.current();
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPWithSHA1AndMGF1Padding");
        rsa.init(
                Cipher.ENCRYPT_MODE,
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(Base64.getDecoder().decode(ours.base64())))
                        .getPublicKey(),
                OAEPParameterSpec.DEFAULT);
        Base64.Encoder base64 = Base64.getEncoder();
        item.putObject("encryptedContent")
                .put("data", base64.encodeToString(data))
                .put("dataKey", base64.encodeToString(rsa.doFinal(key)))
                .put("dataSignature", base64.encodeToString(mac.doFinal(data)))
                .put("encryptionCertificateId", ours.id());
    }

    private int post(byte[] body) {
        // Graph sends again what is answered 503.
        return await().atMost(LONG)
                .until(
                        () -> given().contentType("application/json")
                                .body(body)
                                .post("/notifications")
                                .statusCode(),
                        status -> status != 503);
    }

    private void postAndAwait(ObjectNode body, String end) {
        double before = ended(end);
        assertThat(post(utf8(body.toString()))).isEqualTo(202);
        await(end).atMost(LONG).until(() -> ended(end) > before);
    }

    @Test
    void hostileAndForgedNotificationsLeaveNothingOfThemInTheLog() throws GeneralSecurityException {
        // Given what is real of a notification, and a log that tells more than usual
        String watch = watchInbox(true);
        awaitQuiet();
        newMail("content-of-graph");
        awaitTold("mail-created.v1", 1);
        ObjectNode real = replay(watch);
        String token = real.at("/validationTokens/0").asText();
        String mark = real.at("/value/0/clientState").asText();
        Logger ours = Logger.getLogger("org.m365connector");
        Level usual = ours.getLevel();
        ours.setLevel(Level.ALL);
        String content = "content-that-nobody-may-read";
        String forged = "forged.token-of-somebody.signature";
        String stolen = watch + ".state-that-was-guessed";
        try {
            // When all that may be wrong is wrong
            ObjectNode wrongMark = real.deepCopy();
            ((ObjectNode) wrongMark.at("/value/0")).put("clientState", stolen);
            assertThat(post(utf8(wrongMark.toString()))).isEqualTo(202);

            ObjectNode wrongToken = real.deepCopy();
            wrongToken
                    .putArray("validationTokens")
                    .add(forged)
                    .add(token.substring(0, token.length() - 8) + "AAAAAAAA");
            postAndAwait(wrongToken, "not-proven");

            ObjectNode wrongKey = real.deepCopy();
            ((ObjectNode) wrongKey.at("/value/0/encryptedContent")).put("encryptionCertificateId", content);
            postAndAwait(wrongKey, "key-unknown");

            ObjectNode wrongData = real.deepCopy();
            ((ObjectNode) wrongData.at("/value/0/encryptedContent"))
                    .put("data", Base64.getEncoder().encodeToString(utf8(content)))
                    .put("dataSignature", content);
            postAndAwait(wrongData, "not-opened");

            for (String plaintext : List.of(
                    content, "{\"subject\":" + content, "[\"" + content + "\"]", "{\"id\":{\"" + content + "\":1}}")) {
                ObjectNode unreadable = real.deepCopy();
                seal((ObjectNode) unreadable.at("/value/0"), plaintext);
                double before = ended("unreadable") + ended("left");
                assertThat(post(utf8(unreadable.toString()))).isEqualTo(202);
                await(plaintext).atMost(LONG).until(() -> ended("unreadable") + ended("left") > before);
            }

            String item = "{\"clientState\":\"" + mark + "\",\"validationTokens\":[\"" + token + "\"],\"x\":" + content;
            byte[] latin = utf8("{\"value\":[{\"clientState\":\"" + mark + "ü" + content + "\"}]}");
            latin[latin.length - content.length() - 6] = (byte) 0xFF;
            assertThat(post(utf8("{\"value\":[" + item + "}]}"))).isEqualTo(400);
            assertThat(post(utf8("{\"value\":[" + item))).isEqualTo(400);
            assertThat(post(utf8(content))).isEqualTo(400);
            assertThat(post(utf8(token))).isEqualTo(400);
            assertThat(post(latin)).isEqualTo(400);
            assertThat(post(utf8(("{\"" + content + "\":").repeat(5_000)))).isEqualTo(400);
            assertThat(post(utf8("{\"value\":[\"" + content + mark + "x".repeat(2_000_000) + "\"]}")))
                    .isEqualTo(413);
            assertThat(given().queryParam("validationToken", content + "x".repeat(5_000))
                            .post("/notifications")
                            .statusCode())
                    .isEqualTo(400);
            awaitQuiet();
        } finally {
            ours.setLevel(usual);
        }

        // Then the log tells of it, but shows nothing of it
        assertThat(logged).anyMatch(line -> line.contains("content of a notification cannot be read"));
        assertThat(logged).anyMatch(line -> line.contains("not-proven"));
        for (String secret : List.of(
                content,
                forged,
                "state-that-was-guessed",
                "content-of-graph",
                mark.substring(mark.lastIndexOf('.') + 1),
                token.substring(token.lastIndexOf('.') + 1),
                real.at("/value/0/encryptedContent/data").asText(),
                real.at("/value/0/encryptedContent/dataKey").asText(),
                "eyJ")) {
            assertThat(logged).noneMatch(line -> line.contains(secret) || line.contains(base64(secret)));
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(utf8(text));
    }

    @Test
    void keyPairIsSealedAndAnotherTakesItsPlaceWhileTheFormerStillOpens() throws Exception {
        watchInbox(true);
        awaitQuiet();
        String first = subscription().path("encryptionCertificateId").asText();
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select private_key from notification_key")) {
            while (rows.next()) {
                byte[] stored = rows.getBytes(1);
                Assertions.assertThatThrownBy(
                                () -> KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(stored)))
                        .isInstanceOf(InvalidKeySpecException.class);
            }
        }
        execute("update notification_key set made_at = now() - interval '31 days'");
        awaitToldEarly("for the former key");

        execute("update subscription set next_attempt_at = now()");

        await().atMost(LONG)
                .until(() ->
                        !subscription().path("encryptionCertificateId").asText().equals(first));
        awaitToldEarly("for the next key");
    }

    /** Every third notification names no version, and one that comes while a round reads is left to it. */
    private void awaitToldEarly(String subject) {
        double before = ended("told");
        await().atMost(LONG).pollInterval(Duration.ofMillis(500)).until(() -> {
            newMail(subject);
            return ended("told") > before;
        });
    }

    @Test
    void contentIsAskedForWhileAWatchWantsItAndNotBefore() {
        String plain = watchInbox(false);
        assertThat(subscription().path("includeResourceData").asBoolean()).isFalse();

        String rich = watchInbox(true);
        await().atMost(LONG)
                .until(() -> subscription().path("includeResourceData").asBoolean());
        assertThat(microsoft.subscriptions()).hasSize(1);

        request().delete(path() + "/" + rich).then().statusCode(204);
        await().atMost(LONG)
                .until(() -> !subscription().path("includeResourceData").asBoolean());
        newMail("nobody wants content");
        awaitTold("mail-created.v1", 1);
        assertThat(PortalOfTests.records(Topics.NOTIFICATIONS).stream()
                        .filter(record -> record.key().equals(plain)))
                .noneMatch(record -> new String(record.value(), StandardCharsets.UTF_8).contains("validationTokens"));
    }
}
