package org.m365connector.sync.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.m365connector.events.EncryptedResource;

class ClientStatesTest {
    private static final String OLD = "the-old-key-of-the-tests";
    private static final String NEW = "the-new-key-of-the-tests";

    private final String watch = UUID.randomUUID().toString();
    private final ClientStates states = new ClientStates(() -> List.of(NEW, OLD));

    @Test
    void ownMarkNamesItsWatch() {
        assertThat(states.watchOf(states.of(watch))).contains(watch);
        assertThat(states.of(watch)).hasSizeLessThanOrEqualTo(128);
    }

    @Test
    void oldKeyIsAcceptedWhileItIsReplaced() {
        assertThat(states.watchOf(new ClientStates(() -> List.of(OLD)).of(watch)))
                .contains(watch);
    }

    @Test
    void foreignMarksAreNot() {
        String foreign = new ClientStates(() -> List.of("another-key-of-others")).of(watch);

        assertThat(states.watchOf(foreign)).isEmpty();
        assertThat(states.watchOf(watch + ".")).isEmpty();
        assertThat(states.watchOf(watch)).isEmpty();
        assertThat(states.watchOf("." + states.of(watch))).isEmpty();
        assertThat(states.watchOf(watch + ".%%%")).isEmpty();
        assertThat(states.watchOf(null)).isEmpty();
        assertThat(states.watchOf("x".repeat(10_000))).isEmpty();
    }

    @Test
    void contentIsTakenOnlyUnderAMarkThatAllowsItAndOnlyWithAProof() throws Exception {
        String allowed = states.withContent(watch);
        assertThat(allowed).hasSizeLessThanOrEqualTo(128);
        assertThat(states.watchOf(allowed)).contains(watch);
        assertThat(states.watchOf(allowed.replace("+content", ""))).isEmpty();

        assertThat(contentOf(allowed, "[\"e30.e30.c2ln\"]", "AAAA")).isPresent();
        assertThat(contentOf(states.of(watch), "[\"e30.e30.c2ln\"]", "AAAA")).isEmpty();
        assertThat(contentOf(allowed, "[]", "AAAA")).isEmpty();
        assertThat(contentOf(allowed, "{\"a\":1}", "AAAA")).isEmpty();
        assertThat(contentOf(allowed, "[\"" + "x".repeat(9_000) + "\"]", "AAAA"))
                .isEmpty();
        assertThat(contentOf(allowed, "[\"e30.e30.c2ln\"]", "A".repeat(1_001))).isEmpty();
        assertThat(contentOf(allowed, "[\"e30.e30.c2ln\"]", "\\ud800")).isEmpty();
    }

    private Optional<EncryptedResource> contentOf(String mark, String tokens, String data) throws Exception {
        Buffer body = Buffer.buffer("{\"value\":[{\"clientState\":\"" + mark + "\",\"tenantId\":\"t\","
                + "\"resourceData\":{\"id\":\"r\"},\"encryptedContent\":{\"data\":\"" + data
                + "\",\"dataKey\":\"AAAA\",\"dataSignature\":\"AAAA\",\"encryptionCertificateId\":\"k\"}}],"
                + "\"validationTokens\":" + tokens + "}");
        return NotificationBody.parse(body, states, 100, 1_000).hints().get(0).content();
    }

    @Test
    void badItemDoesNotSpoilItsNeighbours() throws Exception {
        Buffer body = Buffer.buffer("{\"value\":[{\"clientState\":\"forged\"},17,null,{\"clientState\":\""
                + states.of(watch)
                + "\",\"subscriptionId\":\"s\",\"changeType\":\"created\",\"resource\":\"r\"},{}]}");

        NotificationBody parsed = NotificationBody.parse(body, states, 100, 1000);

        assertThat(parsed.hints()).singleElement().satisfies(hint -> {
            assertThat(hint.watch()).isEqualTo(watch);
            assertThat(hint.changeType()).contains("created");
        });
        assertThat(parsed.unknown()).isEqualTo(4);
    }
}
