package org.m365connector.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

class WelcomeTest {
    private static final String DEMO = "./run demo";

    @Test
    void onTheEmulatorBenSignsInAndTheDemoIsNamed() {
        assertThat(Welcome.text(suite(Optional.of("http://localhost:8090")), Tenant.ofEmulator()))
                .contains("sign ben in", "\"portaluser\":\"" + Person.BEN.guid(), DEMO, "Ctrl-C ends everything");
    }

    @Test
    void withoutASecondUserTheAdministratorSignsInAndNoDemoIsNamedWhereItCannotBePlayed() {
        // Given
        Tenant tenant = new Tenant(false, "t", "c", "s", Map.of(Person.ADA, "ada@contoso.example"), Map.of());

        // Then
        assertThat(Welcome.text(suite(Optional.empty()), tenant))
                .contains("sign ada in", "\"portaluser\":\"" + Person.ADA.guid(), "/as/" + Person.ADA.guid())
                .doesNotContain(Person.BEN.guid(), DEMO);
    }

    private static Suite suite(Optional<String> emulator) {
        return new Suite(
                Map.of(
                        Service.AUTH, "http://localhost:1",
                        Service.ASSIGNMENT, "http://localhost:2",
                        Service.PROXY, "http://localhost:3",
                        Service.SYNC, "http://localhost:4"),
                emulator,
                "localhost:6",
                "postgresql://postgres@localhost:7/m365",
                "admin",
                Optional.of(new Suite.DemoPortal("demo", "portal-key", "Main")));
    }
}
