package org.m365connector.sync.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

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
    void badItemDoesNotSpoilItsNeighbours() throws Exception {
        Buffer body = Buffer.buffer("{\"value\":[{\"clientState\":\"forged\"},17,null,{\"clientState\":\""
                + states.of(watch)
                + "\",\"subscriptionId\":\"s\",\"changeType\":\"created\",\"resource\":\"r\"},{}]}");

        NotificationBody parsed = NotificationBody.parse(body, states, 100);

        assertThat(parsed.hints()).singleElement().satisfies(hint -> {
            assertThat(hint.watch()).isEqualTo(watch);
            assertThat(hint.changeType()).contains("created");
        });
        assertThat(parsed.unknown()).isEqualTo(4);
    }
}
