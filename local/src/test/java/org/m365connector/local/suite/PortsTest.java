package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortsTest {

    @Test
    void freePortsAreFree() {
        assertThat(Ports.free().taken()).isEmpty();
    }

    @Test
    void aTakenPortIsNamedWithItsHolder() throws IOException {
        // Given
        Ports ports = Ports.free();
        try (ServerSocket holder = new ServerSocket(ports.kafka(), 1, InetAddress.getLoopbackAddress())) {
            // Then
            assertThat(ports.taken())
                    .singleElement()
                    .asString()
                    .contains("port " + holder.getLocalPort() + " (Kafka) is taken")
                    .contains("process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void aPortThatIsTakenOnAllAddressesIsTaken() throws IOException {
        Ports ports = Ports.free();
        try (ServerSocket holder = new ServerSocket(ports.emulator())) {
            assertThat(holder.isBound()).isTrue();
            assertThat(ports.taken()).hasSize(1);
        }
    }

    @Test
    void arePassedOnAsText() {
        Ports ports = Ports.usual();
        assertThat(ports).hasToString("8081,8082,8083,8084,8090,9092,54329");
        assertThat(Ports.parse(ports.toString())).isEqualTo(ports);
    }
}
