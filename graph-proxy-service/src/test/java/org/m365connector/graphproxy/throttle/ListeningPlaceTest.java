package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import io.vertx.core.http.HttpServerOptions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;

class ListeningPlaceTest {

    private static final int PORT = 8083;

    @Test
    @EnabledOnOs(LINUX)
    void whoListensWhereAnotherDidHasTheSameName() {
        Optional<String> place = place("127.0.0.1", PORT);

        assertThat(place).isPresent();
        assertThat(place("127.0.0.1", PORT)).isEqualTo(place);
        assertThat(place("127.0.0.1", PORT + 1)).isPresent().isNotEqualTo(place);
        assertThat(place("127.0.0.2", PORT))
                .as("both can listen at a time")
                .isPresent()
                .isNotEqualTo(place);
        assertThat(place("0.0.0.0", PORT)).isPresent().isNotEqualTo(place);
    }

    @Test
    @EnabledOnOs(LINUX)
    void theNameTellsNothingOfTheMachine() {
        assertThat(place("127.0.0.1", PORT).orElseThrow()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }

    @Test
    void nothingIsProvedWhereSeveralMayListenOrThePortIsOneOfChance() {
        assertThat(place("127.0.0.1", 0)).isEmpty();
        assertThat(place("127.0.0.1", -2)).isEmpty();
        assertThat(ListeningPlace.of(new HttpServerOptions()
                        .setPort(PORT)
                        .setHost("127.0.0.1")
                        .setReusePort(true)))
                .isEmpty();
        assertThat(place("no such host.invalid", PORT)).isEmpty();
    }

    private static Optional<String> place(String host, int port) {
        return ListeningPlace.of(new HttpServerOptions().setHost(host).setPort(port));
    }
}
