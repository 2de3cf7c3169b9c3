package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.core.models.DecryptableContent;
import com.microsoft.graph.core.models.TokenValidable;
import com.microsoft.graph.models.ChangeNotificationCollection;
import com.microsoft.graph.models.ChangeNotificationEncryptedContent;
import com.microsoft.kiota.serialization.JsonParseNodeFactory;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;
import org.m365connector.emulator.tokens.CertificateMaker;

/** Notifications with resource data, judged by Microsoft's own SDK. */
class RichNotificationTest {

    private static final String INBOX = "/users/" + Seed.ADA + "/mailFolders('inbox')/messages";
    private static final String SELECTED = INBOX + "?$select=subject,from,receivedDateTime,importance,parentFolderId";
    private static final String CHANNEL = "/teams/" + Seed.TEAM_ID + "/channels/" + Seed.GENERAL_ID + "/messages";

    private static Emulator emulator;
    private static GraphClientOfTests graph;
    private static KeyPair keys;
    private static String certificate;

    private WebhookOfTests webhook;

    @BeforeAll
    static void start() throws GeneralSecurityException {
        emulator = Emulator.start();
        graph = new GraphClientOfTests(emulator);
        keys = rsa(2048);
        certificate = certificateOf(keys);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
        webhook = new WebhookOfTests();
    }

    @AfterEach
    void hangUp() {
        webhook.close();
    }

    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static String certificateOf(KeyPair pair) throws GeneralSecurityException {
        return Base64.getEncoder().encodeToString(new CertificateMaker().signingCertificate("subscriber", pair));
    }

    private Answer subscribe(String resource, Map<String, String> more) {
        return subscribe(resource, Duration.ofHours(2), more);
    }

    private Answer subscribe(String resource, Duration life, Map<String, String> more) {
        ObjectNode body = new ObjectMapper()
                .createObjectNode()
                .put("changeType", "created,updated,deleted")
                .put("notificationUrl", webhook.url("/notifications"))
                .put("lifecycleNotificationUrl", webhook.url("/lifecycle"))
                .put("resource", resource)
                .put("clientState", "s3cret")
                .put("includeResourceData", true)
                .put("encryptionCertificate", certificate)
                .put("encryptionCertificateId", "key-1")
                .put("expirationDateTime", emulator.clock().instant().plus(life).toString());
        more.forEach((name, value) -> {
            if (value.isEmpty()) {
                body.remove(name);
            } else {
                body.put(name, value);
            }
        });
        return graph.post(graph.appToken(), "/subscriptions", body.toString());
    }

    private static void somebodyMails(String subject) {
        graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.ADA + "\",\"subject\":\"" + subject + "\"}");
    }

    private ChangeNotificationCollection firstDelivery() {
        JsonNode body = await().until(webhook::deliveries, list -> !list.isEmpty())
                .get(0)
                .body();
        return new JsonParseNodeFactory()
                .getParseNode(
                        "application/json",
                        new ByteArrayInputStream(body.toString().getBytes(StandardCharsets.UTF_8)))
                .getObjectValue(ChangeNotificationCollection::createFromDiscriminatorValue);
    }

    private static JsonNode decrypted(ChangeNotificationEncryptedContent content) throws Exception {
        return new ObjectMapper()
                .readTree(DecryptableContent.decryptAsString(content, (id, thumbprint) -> keys.getPrivate()));
    }

    private static boolean valid(ChangeNotificationCollection notifications) {
        return TokenValidable.areTokensValid(
                notifications,
                List.of(UUID.fromString(Seed.TENANT_ID)),
                List.of(UUID.fromString(Seed.CLIENT_ID)),
                emulator.httpBase() + "/common/discovery/v2.0/keys");
    }

    @Test
    void microsoftsSdkDecryptsTheSelectedPropertiesOfAMail() throws Exception {
        Answer made = subscribe(SELECTED, Map.of());
        assertThat(made.status()).as(made.http().body()).isEqualTo(201);
        assertThat(made.json().path("includeResourceData").asBoolean()).isTrue();
        assertThat(made.json().path("encryptionCertificateId").asText()).isEqualTo("key-1");

        somebodyMails("secret subject");

        ChangeNotificationCollection notifications = firstDelivery();
        var item = notifications.getValue().get(0);
        JsonNode mail = decrypted(item.getEncryptedContent());
        assertThat(mail.path("subject").asText()).isEqualTo("secret subject");
        assertThat(mail.path("receivedDateTime@odata.type").asText()).isEqualTo("#DateTimeOffset");
        assertThat(mail.path("parentFolderId").asText()).isNotEmpty();
        assertThat(mail.has("bodyPreview")).isFalse();
        assertThat(item.getEncryptedContent().getEncryptionCertificateThumbprint())
                .matches("[0-9A-F]{40}");
        assertThat(webhook.deliveries().get(0).body().toString()).doesNotContain("secret subject");
    }

    @Test
    void microsoftsSdkDecryptsAWholeChannelMessageAndEveryItemHasAKeyOfItsOwn() throws Exception {
        assertThat(subscribe(CHANNEL, Map.of()).status()).isEqualTo(201);

        graph.activity("{\"kind\":\"channelMessage\",\"op\":\"create\",\"content\":\"hello\",\"count\":2}");

        await().until(() -> webhook.items("/notifications").size() == 2);
        assertThat(decrypted(firstDelivery().getValue().get(0).getEncryptedContent())
                        .at("/body/content")
                        .asText())
                .startsWith("hello");
        assertThat(webhook.items("/notifications").stream()
                        .map(item -> item.at("/encryptedContent/dataKey").asText())
                        .distinct())
                .hasSize(2);
    }

    @Test
    void microsoftsSdkAcceptsTheTokensAndRefusesEachBadOne() {
        graph.control("POST", "/graph", "{\"rich\":{\"tokenVersion\":2}}");
        subscribe(SELECTED, Map.of());
        somebodyMails("good");
        assertThat(valid(firstDelivery())).isTrue();

        // The SDK looks for the tenant anywhere in the issuer, and takes any algorithm that fits the key: two flaws are
        // not for it.
        for (String bad : List.of(
                "wrongAudience",
                "wrongPublisher",
                "wrongTenant",
                "expired",
                "notYet",
                "tampered",
                "unknownKey",
                "unsigned",
                "symmetric")) {
            graph.control("POST", "/graph", "{\"rich\":{\"token\":\"" + bad + "\"}}");
            webhook.forget();
            somebodyMails(bad);
            ChangeNotificationCollection notifications = firstDelivery();
            assertThat(notifications.getValidationTokens()).hasSize(1);
            assertThat(isRefused(notifications)).as(bad).isTrue();
        }
        graph.control("POST", "/graph", "{\"rich\":{\"token\":\"missing\"}}");
        webhook.forget();
        somebodyMails("none");
        assertThat(firstDelivery().getValidationTokens()).isNull();
    }

    private static boolean isRefused(ChangeNotificationCollection notifications) {
        try {
            return !valid(notifications);
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    @Test
    void swappedCiphertextFailsMicrosoftsCheckOfTheSignature() {
        graph.control("POST", "/graph", "{\"rich\":{\"content\":\"swapped\"}}");
        subscribe(SELECTED, Map.of());
        somebodyMails("swapped");

        var content = firstDelivery().getValue().get(0).getEncryptedContent();
        assertThatThrownBy(() -> decrypted(content)).hasMessageContaining("Signature does not match");
    }

    @Test
    void whatIsDeletedCarriesNoContent() {
        subscribe(SELECTED, Map.of());
        somebodyMails("short-lived");
        await().until(() -> webhook.items("/notifications").size() == 1);
        graph.activity("{\"kind\":\"mail\",\"op\":\"delete\",\"mailbox\":\"" + Seed.ADA + "\"}");

        await().until(() -> webhook.items("/notifications").size() == 2);
        JsonNode deleted = webhook.items("/notifications").get(1);
        assertThat(deleted.path("changeType").asText()).isEqualTo("deleted");
        assertThat(deleted.has("encryptedContent")).isFalse();
    }

    @Test
    void certificateIsChangedWithARenewal() throws Exception {
        Answer made = subscribe(SELECTED, Map.of());
        String until = emulator.clock().instant().plus(Duration.ofHours(3)).toString();
        KeyPair next = rsa(2048);

        ObjectNode renewal = new ObjectMapper().createObjectNode().put("expirationDateTime", until);
        renewal.put("encryptionCertificate", certificateOf(next));
        assertThat(graph.patch(graph.appToken(), "/subscriptions/" + made.id(), renewal.toString())
                        .status())
                .isEqualTo(400);
        renewal.put("encryptionCertificateId", "key-2");
        assertThat(graph.patch(graph.appToken(), "/subscriptions/" + made.id(), renewal.toString())
                        .status())
                .isEqualTo(200);
        somebodyMails("for the new key");

        var content = firstDelivery().getValue().get(0).getEncryptedContent();
        assertThat(content.getEncryptionCertificateId()).isEqualTo("key-2");
        assertThat(DecryptableContent.decryptAsString(content, (id, thumbprint) -> next.getPrivate()))
                .contains("for the new key");
    }

    @Test
    void whatCannotBeEncryptedForIsRefused() throws Exception {
        assertThat(subscribe(SELECTED, Map.of("encryptionCertificate", "")).status())
                .isEqualTo(400);
        assertThat(subscribe(SELECTED, Map.of("encryptionCertificateId", "")).status())
                .isEqualTo(400);
        assertThat(subscribe(SELECTED, Map.of("encryptionCertificateId", "x".repeat(129)))
                        .status())
                .isEqualTo(400);
        assertThat(subscribe(SELECTED, Map.of("encryptionCertificate", "-----BEGIN CERTIFICATE-----"))
                        .status())
                .isEqualTo(400);
        assertThat(subscribe(SELECTED, Map.of("encryptionCertificate", certificateOf(rsa(1024))))
                        .status())
                .isEqualTo(400);
        assertThat(subscribe(INBOX, Map.of()).errorMessage()).contains("$select is required");
        assertThat(subscribe(INBOX + "?$select=subject,body", Map.of()).status())
                .isEqualTo(400);
        assertThat(subscribe(INBOX + "?$select=subject,colour", Map.of()).status())
                .isEqualTo(400);
        assertThat(subscribe(SELECTED + "&$top=1", Map.of()).status()).isEqualTo(400);
        assertThat(subscribe(CHANNEL + "?$select=body", Map.of()).status()).isEqualTo(400);
        assertThat(subscribe(SELECTED, Duration.ofDays(2), Map.of()).errorMessage())
                .isEqualTo("Subscription expiration can only be 1440 minutes in the future.");
        assertThat(subscribe(CHANNEL, Map.of("lifecycleNotificationUrl", "")).status())
                .isEqualTo(400);
        assertThat(webhook.tokens()).isEmpty();
    }
}
