package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.Microsoft365;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.hunt.SecretHunt;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Person;

/**
 * The main job, played by {@code ./run demo} beside a running suite whose tokens and subscriptions live shortly. And on the same
 * suite, since its start takes a while, what is promised of it as a whole.
 */
class MainJobIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Within this, whoever is put out is out. */
    private static final Duration OUT_WITHIN = Duration.ofSeconds(2);

    /** Two cores may be busy with another suite: what is promised must then come true once in three. */
    private static final int ATTEMPTS = 3;

    @Test
    void theMainJobComesTrueStepByStep() {
        assertThat(SharedSuite.mainJobCameTrue())
                .as("all steps, see the transcript above")
                .isTrue();
    }

    @Test
    void nothingSecretIsLoggedPublishedOrStored() {
        // Given a suite that has done its work
        SharedSuite.mainJobCameTrue();
        SecretHunt hunt = new SecretHunt(SharedSuite.get());

        // Then
        assertThat(hunt.inLogs()).isEmpty();
        assertThat(hunt.inEvents()).isEmpty();
        assertThat(hunt.inPostgres()).isEmpty();
    }

    @Test
    void theHuntForSecretsFindsOneOfEachKindWhereverItIsPlanted() throws Exception {
        // Given
        Map<String, String> kinds = new LinkedHashMap<>(SecretSamples.of(SharedSuite.get()));
        String key = new Administrator(SharedSuite.get().suite())
                .onboard("hunted", List.of())
                .key();
        kinds.put(key, SecretHunt.PORTAL_KEY);
        List<String> secrets = List.copyOf(kinds.keySet());
        assertThat(secrets).hasSize(7);
        await("the portal's key is known by its hash").atMost(PATIENCE).until(() -> new SecretHunt(SharedSuite.get())
                .isPortalKey(key));

        // When
        try (PlantedSecrets planted = PlantedSecrets.plant(SharedSuite.get(), secrets)) {
            SecretHunt hunt = new SecretHunt(SharedSuite.get());
            List<String> inLogs = hunt.inLogs();
            List<String> inEvents = hunt.inEvents();
            List<String> inPostgres = hunt.inPostgres();

            // Then
            for (int i = 0; i < secrets.size(); i++) {
                String kind = kinds.get(secrets.get(i));
                assertThat(inLogs).contains(planted.line(i) + " has " + kind);
                assertThat(inEvents).contains(planted.event(i) + " has " + kind);
                int ofThisKind =
                        (int) kinds.values().stream().filter(kind::equals).count();
                assertThat(inPostgres)
                        .filteredOn((planted.texts() + " has " + kind)::equals)
                        .hasSize(ofThisKind);
                assertThat(inPostgres)
                        .filteredOn((planted.bytes() + " has " + kind)::equals)
                        .hasSize(ofThisKind);
            }
        }
    }

    @Test
    void whoSignsOutIsOutWithinTwoSeconds() {
        try (BensPortal portal = BensPortal.onboard(SharedSuite.get(), "signed-out")) {
            assertOutWithinTwoSeconds("signed out", portal, portal::letIn, portal::signOut, Set.of("login-required"));
        }
    }

    @Test
    void whoIsRemovedFromThePortalIsOutWithinTwoSeconds() {
        try (BensPortal portal = BensPortal.onboard(SharedSuite.get(), "user-removed")) {
            Runnable letIn = () -> {
                portal.tellOfBen();
                portal.letIn();
            };
            assertOutWithinTwoSeconds(
                    "removed", portal, letIn, portal::removeBen, Set.of("portal-user-unknown", "login-required"));
        }
    }

    @Test
    void whoLosesHisAssignmentIsOutWithinTwoSeconds() {
        try (BensPortal portal = BensPortal.onboard(SharedSuite.get(), "unassigned")) {
            portal.assignNobodyByDefault();
            List<String> assignments = new ArrayList<>();
            Runnable letIn = () -> {
                assignments.add(portal.assignBen());
                portal.letIn();
            };
            assertOutWithinTwoSeconds(
                    "unassigned",
                    portal,
                    letIn,
                    () -> portal.removeAssignment(assignments.get(assignments.size() - 1)),
                    Set.of("not-assigned"));
        }
    }

    @Test
    void thePortalThatIsNotEntitledAnyMoreIsOutWithinTwoSeconds() {
        try (BensPortal portal = BensPortal.onboard(SharedSuite.get(), "not-entitled")) {
            Runnable letIn = () -> {
                portal.entitle("null");
                portal.letIn();
            };
            Set<String> refusal = Set.of("not-entitled");
            String past = Instant.now().minusSeconds(60).toString();
            assertOutWithinTwoSeconds(
                    "entitlement over", portal, letIn, () -> portal.entitle("{\"until\":\"" + past + "\"}"), refusal);
            String future = Instant.now().plusSeconds(3600).toString();
            assertOutWithinTwoSeconds(
                    "entitlement yet to begin",
                    portal,
                    letIn,
                    () -> portal.entitle("{\"from\":\"" + future + "\"}"),
                    refusal);
        }
    }

    @Test
    void whatGraphDemandsOfATokenIsAnsweredByARefreshOrElseByAnotherSignIn() {
        try (BensPortal portal = BensPortal.onboard(SharedSuite.get(), "challenged")) {
            portal.letIn();

            // Only a sign-in answers it: ben is asked for one, and it satisfies Graph
            demandOfBen("signIn");
            assertThat(portal.call().problem()).isEqualTo("login-required");
            portal.letIn();

            // A refresh answers it, and nobody notices: the token of a sign-in alone would not do
            portal.signOut();
            portal.awaitOut();
            demandOfBen("refresh");
            portal.letIn();
            assertThat(portal.call().status()).isEqualTo(200);
        } finally {
            demandOfBen(false);
        }
    }

    private static void demandOfBen(Object claims) {
        Rest.at(SharedSuite.get().suite().emulatorUrl().orElseThrow())
                .post("/_emulator/accounts/" + Seed.BEN, JSON.valueToTree(Map.of("claimsDemanded", claims)))
                .expect(200);
    }

    @Test
    void watchIsToldOfChangesAlsoWhenTheTokenBehindItsSubscriptionHasExpired() {
        // Given a watch whose subscription has seen two tokens expire, for which Graph holds notifications back
        LocalSuite local = SharedSuite.get();
        Microsoft365 microsoft = new Microsoft365(local.suite().emulatorUrl().orElseThrow());
        Administrator administrator = new Administrator(local.suite());
        try (PortalSide portal = new PortalSide(local.suite(), administrator.onboard("long-watched", List.of()))) {
            portal.publishUser(Person.ADA, Optional.of(Seed.ADA));
            administrator.register(portal.id(), local.tenant());
            String watch = await("ada may use the service account")
                    .atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(LocalException.class)
                    .until(() -> portal.watchInbox(Person.ADA, "service", Seed.ADA), id -> true);
            await("two reauthorisations")
                    .atMost(PATIENCE.multipliedBy(3))
                    .until(() -> deliveries(local, subscriptionOf(portal, watch), item -> item.has("lifecycleEvent"))
                                    .size()
                            >= 2);

            // When
            String subject = "After a while " + UUID.randomUUID();
            Instant begin = Instant.now();
            microsoft.mailArrives(Seed.ADA, subject);

            // Then
            await("the notification is delivered")
                    .atMost(PATIENCE)
                    .until(() ->
                            deliveries(local, subscriptionOf(portal, watch), item -> item.has("changeType")).stream()
                                    .anyMatch(delivery ->
                                            delivery.path("outcome").asText().equals("202")
                                                    && Instant.parse(delivery.path("at")
                                                                    .asText())
                                                            .isAfter(begin)));
            await("the portal is told").atMost(PATIENCE).until(() -> !portal.topics()
                    .all(event -> event.data().at("/resource/subject").asText().equals(subject))
                    .isEmpty());
            portal.unwatch(watch);
        }
    }

    @Test
    void registrationThatEndsTakesItsSubscriptionsDownAtGraphBeforeItIsGone() {
        // Given a watch as ben, who is signed in, and one as the app
        LocalSuite local = SharedSuite.get();
        Administrator administrator = new Administrator(local.suite());
        Microsoft365 microsoft = new Microsoft365(local.suite().emulatorUrl().orElseThrow());
        try (BensPortal bens = BensPortal.onboard(local, "ending")) {
            bens.letIn();
            PortalSide portal = bens.side();
            portal.publishUser(Person.ADA, Optional.of(Seed.ADA));
            List<String> watches = new ArrayList<>();
            watches.add(portal.watchInbox(Person.BEN, "current-user", Seed.BEN));
            watches.add(await("ada may use the service account")
                    .atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(LocalException.class)
                    .until(() -> portal.watchInbox(Person.ADA, "service", Seed.ADA), id -> true));
            await("both have a subscription").atMost(PATIENCE).until(() -> watches.stream()
                    .noneMatch(watch -> subscriptionOf(portal, watch).isEmpty()));
            List<String> subscriptions =
                    watches.stream().map(watch -> subscriptionOf(portal, watch)).toList();

            // When
            Instant begin = Instant.now();
            administrator.removeRegistration(portal.id());

            // Then
            await("it is gone")
                    .atMost(PATIENCE)
                    .until(() -> administrator.registration(portal.id()).isEmpty());
            assertThat(subscriptions)
                    .allSatisfy(id -> assertThat(microsoft.requests(begin, request -> isDeletionOf(request, id)))
                            .isNotEmpty());
        }
    }

    private static boolean isDeletionOf(JsonNode request, String subscription) {
        return request.path("method").asText().equals("DELETE")
                && request.path("path").asText().endsWith("/subscriptions/" + subscription)
                && request.path("status").asInt() == 204;
    }

    /** The id of the watch's subscription; empty while it has none. */
    private static String subscriptionOf(PortalSide portal, String watch) {
        return portal.watch(watch).at("/subscription/id").asText("");
    }

    /** What Graph has sent for a subscription. */
    private static List<JsonNode> deliveries(LocalSuite local, String subscription, Predicate<JsonNode> wanted) {
        JsonNode log = Rest.at(local.suite().emulatorUrl().orElseThrow())
                .get("/_emulator/notifications")
                .expect(200)
                .json()
                .path("log");
        List<JsonNode> found = new ArrayList<>();
        log.forEach(delivery -> delivery.path("items").forEach(item -> {
            if (item.path("subscriptionId").asText().equals(subscription) && wanted.test(item)) {
                found.add(delivery);
            }
        }));
        return found;
    }

    /** From the moment in which putting him out was answered until the proxy refuses. */
    private static void assertOutWithinTwoSeconds(
            String how, BensPortal portal, Runnable letIn, Runnable putOut, Set<String> refusals) {
        List<Long> millis = new ArrayList<>();
        do {
            letIn.run();
            putOut.run();
            long begin = System.nanoTime();
            await("ben is out: " + how)
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> refusals.contains(portal.call().problem()));
            millis.add((System.nanoTime() - begin) / 1_000_000);
        } while (millis.get(millis.size() - 1) >= OUT_WITHIN.toMillis() && millis.size() < ATTEMPTS);
        System.out.println(how + ": the proxy let him in for another " + millis + " ms");
        assertThat(millis).as("milliseconds until out, %s", how).anyMatch(taken -> taken < OUT_WITHIN.toMillis());
    }
}
