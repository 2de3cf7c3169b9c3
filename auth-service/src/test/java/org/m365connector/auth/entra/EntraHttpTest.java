package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;

class EntraHttpTest {

    @Test
    void anEntraThatSendsElsewhereOrIsAwayIsGivenUp() {
        EntraHttp http = EntraClients.http();
        try (Emulator emulator = Emulator.start()) {
            URI page = URI.create(emulator.httpBase() + "/common/oauth2/v2.0/authorize");

            // Whatever it is, it is not a 200 with what we asked for, and no redirect is followed.
            assertThat(http.get(page)).isEmpty();
        }
        assertThat(http.get(URI.create("http://localhost:1/keys"))).isEmpty();
    }
}
