package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.emulator.Seed;
import org.m365connector.local.Onboarding;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.Answer;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

/** What one {@code ./run --keep} after another does with its tenant's file, where the state stays the same. */
class OnboardingIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Map<Person, String> UPNS = Map.of(Person.ADA, Seed.ADA, Person.BEN, Seed.BEN);
    private static final Tenant RIGHT = tenant(Seed.CLIENT_ID, Seed.CLIENT_SECRET, UPNS);

    @TempDir
    Path temporary;

    private final String portal = "kept-" + UUID.randomUUID().toString().substring(0, 8);
    private Administrator administrator;

    @BeforeEach
    void suite() {
        administrator = new Administrator(SharedSuite.get().suite());
    }

    @Test
    void theNextStartChangesNothingWhereTheFileIsTheSame() {
        // Given
        Suite first = start(RIGHT);
        JsonNode registration = registration();

        // When
        Suite second = start(RIGHT);

        // Then
        assertThat(second.portal()).isEqualTo(first.portal());
        assertThat(registration()).isEqualTo(registration);
    }

    @Test
    void anAppAndASecretThatAreCorrectedInTheFileAreUsedFromThenOn() {
        // Given
        Suite suite = start(tenant("11111111-2222-3333-4444-555555555555", "wrong", UPNS));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(asService(suite).problem())
                .isIn("registration-misconfigured", "credential-expired"));
        String wrong = registration().at("/credentials/0/id").asText();

        // When the app is corrected, and then the secret
        start(tenant(Seed.CLIENT_ID, "wrong", UPNS));
        start(RIGHT);

        // Then
        assertThat(registration().path("clientId").asText()).isEqualTo(Seed.CLIENT_ID);
        assertThat(registration().path("credentials").findValuesAsText("id"))
                .hasSize(1)
                .doesNotContain(wrong);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(asService(suite).status()).isEqualTo(200));
    }

    @Test
    void aRegistrationThatWasRefusedIsMadeByTheNextStart() {
        // Given
        assertThatThrownBy(() -> start(tenant("no client id", "secret", UPNS)))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("/registrations");

        // When
        Suite suite = start(RIGHT);

        // Then
        assertThat(registration().path("state").asText()).isEqualTo("complete");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(asService(suite).status()).isEqualTo(200));
    }

    @Test
    void aKeyThatWasLostWithAStartIsReplaced() throws IOException {
        // Given
        start(RIGHT);
        Files.delete(notes());

        // When
        Suite suite = start(RIGHT);

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(asService(suite).status()).isEqualTo(200));
    }

    @Test
    void usersAreWhomTheFileNames() {
        // Given
        Suite suite = start(RIGHT);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(upn(suite, Person.BEN)).isEqualTo(Seed.BEN));

        // When
        start(tenant(Seed.CLIENT_ID, Seed.CLIENT_SECRET, Map.of(Person.ADA, Seed.CLARA)));

        // Then
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        List.of(upn(suite, Person.ADA), user(suite, Person.BEN).status()))
                .isEqualTo(List.of(Seed.CLARA, 404)));
    }

    private Suite start(Tenant tenant) {
        return new Onboarding(SharedSuite.get().suite(), tenant, notes(), Progress.silent()).portal(portal);
    }

    private Path notes() {
        return temporary.resolve("portal.json");
    }

    private JsonNode registration() {
        return administrator.registration(portal).orElseThrow();
    }

    private Answer asService(Suite suite) {
        return Rest.at(suite.url(Service.PROXY))
                .with("X-API-Key", suite.portal().orElseThrow().key())
                .with("X-M365-Account", "service")
                .get("/graph/" + portal + "/Main/as/" + Person.ADA.guid() + "/v1.0/users/" + Seed.ADA
                        + "/messages?$top=1");
    }

    private String upn(Suite suite, Person person) {
        return user(suite, person).json().at("/fields/emailBiz").asText();
    }

    private Answer user(Suite suite, Person person) {
        return Rest.at(suite.url(Service.ASSIGNMENT))
                .with("X-API-Key", suite.portal().orElseThrow().key())
                .get("/api/portals/" + portal + "/users/" + person.guid());
    }

    private static Tenant tenant(String clientId, String secret, Map<Person, String> upns) {
        return new Tenant(true, Seed.TENANT_ID, clientId, secret, upns, Map.of());
    }
}
