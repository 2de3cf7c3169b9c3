package org.m365connector.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.Answer;
import org.m365connector.local.demo.PlainBrowser;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;

/** A portal of its own in which ben is let in, and put out in every way there is. */
final class BensPortal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String ME = "/v1.0/me";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalSuite local;
    private final Administrator administrator;
    private final PortalSide portal;

    private BensPortal(LocalSuite local, String id) {
        this.local = local;
        administrator = new Administrator(local.suite());
        portal = new PortalSide(local.suite(), administrator.onboard(id, List.of()));
        tellOfBen();
        administrator.register(id, local.tenant());
    }

    static BensPortal onboard(LocalSuite local, String id) {
        return new BensPortal(local, id);
    }

    PortalSide side() {
        return portal;
    }

    void tellOfBen() {
        portal.publishUser(Person.BEN, Optional.of(Seed.BEN));
    }

    /** Returns once ben's calls are answered; signs him in where he has to. */
    void letIn() {
        boolean[] signedIn = {false};
        Awaitility.await("ben is in")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    Answer answer = call();
                    if (answer.problem().equals("login-required") && !signedIn[0]) {
                        signedIn[0] = signIn();
                    }
                    return answer.status() == 200;
                });
    }

    /** @return false where auth-service has not heard of ben yet */
    private boolean signIn() {
        Answer begun = portal.beginLogin(Person.BEN, "redirect");
        if (begun.status() != 201) {
            return false;
        }
        try (PlainBrowser browser = new PlainBrowser()) {
            browser.signInByLink(begun.json().path("loginUrl").asText(), Seed.BEN, Seed.PASSWORD);
        }
        return true;
    }

    /** A call of ben's through the proxy. */
    Answer call() {
        return portal.graph(Person.BEN, ME);
    }

    void signOut() {
        portal.signOut(Person.BEN).expect(204);
    }

    /** For two seconds the token of before may still do. */
    void awaitOut() {
        Awaitility.await("ben is out")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> call().problem().equals("login-required"));
    }

    /** The portal's tombstone of ben; returns once Kafka has it. */
    void removeBen() {
        Map<String, Object> connection =
                Map.of("bootstrap.servers", local.suite().kafkaBootstrap(), "acks", "all");
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(connection, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(portal.topic("users"), Person.BEN.guid(), null))
                    .get(1, TimeUnit.MINUTES);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** @param entitlement JSON; {@code null} for no limits */
    void entitle(String entitlement) {
        try {
            Rest.at(local.suite().url(Service.AUTH))
                    .bearer(local.suite().adminKey())
                    .patch("/api/portals/" + portal.id(), JSON.readTree("{\"entitlement\":" + entitlement + "}"))
                    .expect(200);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** From now on ben needs an assignment of his own. */
    void assignNobodyByDefault() {
        administrator.removeDefaultAssignment(portal.id());
    }

    /** @return the assignment's path */
    String assignBen() {
        JsonNode made = administrator.assign(portal.id(), Person.BEN, "current-user");
        return "/api/portals/" + portal.id() + "/registrations/" + Administrator.REGISTRATION + "/assignments/"
                + made.path("id").asText();
    }

    void removeAssignment(String path) {
        Rest assignments = Rest.at(local.suite().url(Service.ASSIGNMENT))
                .bearer(local.suite().adminKey());
        String tag =
                assignments.get(path).expect(200).headers().firstValue("ETag").orElseThrow();
        assignments.with("If-Match", tag).delete(path).expect(204);
    }

    @Override
    public void close() {
        portal.close();
    }
}
