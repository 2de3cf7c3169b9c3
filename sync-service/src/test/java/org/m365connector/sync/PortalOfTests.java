package org.m365connector.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.m365connector.access.KeyHash;
import org.m365connector.backends.TopicReader;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Entitlement;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Reading;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.TombstoneVersion;
import org.m365connector.events.Topics;
import org.m365connector.events.WatchProgressed;
import org.m365connector.view.Views;

/** A fresh portal on the tests' Kafka: its topics, its key, its users' assignments; what it publishes and what it reads. */
public final class PortalOfTests implements AutoCloseable {
    public static final RegistrationName MAIN = new RegistrationName("Main");

    private static final String BOOTSTRAP =
            ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class);

    static {
        // Whatever a test with a portal waits for; 10 s are not enough where Kafka shares a slow machine.
        Awaitility.setDefaultTimeout(Duration.ofMinutes(3));
    }

    public final PortalId id = new PortalId("p" + UUID.randomUUID().toString().substring(0, 8));
    public final String key = "key-of-" + UUID.randomUUID();
    private final AtomicLong assignments = new AtomicLong();
    private final KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
            Map.of("bootstrap.servers", BOOTSTRAP, "acks", "all"), new StringSerializer(), new ByteArraySerializer());

    public PortalOfTests() {
        List<NewTopic> topics = List.of(
                new NewTopic(Topics.actions(id), 3, (short) 1),
                new NewTopic(Topics.deadLetter(Topics.actions(id)), 1, (short) 1),
                new NewTopic(Topics.results(id), 3, (short) 1),
                new NewTopic(Topics.changes(id), 3, (short) 1),
                new NewTopic(Topics.logins(id), 3, (short) 1),
                new NewTopic(Topics.deadLetter(Topics.results(id)), 1, (short) 1));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            admin.createTopics(topics).all().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        tell(1, Optional.empty(), List.of());
        for (String user : List.of("ADA", "BEN", "CLARA")) {
            assign(user, AccountName.CURRENT_USER, AccountName.SERVICE);
        }
    }

    /** An administrator has changed what this portal may; to return, that must have been heard. */
    public void entitled(Views views, Entitlement entitlement) {
        tell(views, Optional.of(entitlement), List.of());
    }

    /** An administrator has written down where the portal is; to return, that must have been heard. */
    public void livesAt(Views views, String... origins) {
        tell(views, Optional.empty(), List.of(origins));
    }

    /** An administrator has removed it; what he does next has a higher version. */
    public void ended(long version) {
        tombstone(Topics.PORTALS, id.value(), version, Instant.now());
    }

    private void tombstone(String topic, String recordKey, long version, Instant at) {
        RecordHeader header =
                new RecordHeader(TombstoneVersion.HEADER, Long.toString(version).getBytes(StandardCharsets.US_ASCII));
        send(new ProducerRecord<>(topic, null, at.toEpochMilli(), recordKey, null, List.of(header)));
    }

    private void tell(Views views, Optional<Entitlement> entitlement, List<String> origins) {
        long version = System.nanoTime();
        tell(version, entitlement, origins);
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> views.portals()
                        .get(id.value())
                        .filter(record -> record.version() == version)
                        .isPresent());
    }

    private void tell(long version, Optional<Entitlement> entitlement, List<String> origins) {
        fact(
                Topics.PORTALS,
                id.value(),
                PortalRecord.TYPE,
                new PortalRecord(
                        id, version, "Test", "en", origins, List.of(KeyHash.of(key)), PortalState.ACTIVE, entitlement));
    }

    /** The first account is the default. */
    public void assign(String user, AccountName... accounts) {
        List<AssignmentsRecord.Account> assigned = new ArrayList<>();
        for (AccountName account : accounts) {
            assigned.add(new AssignmentsRecord.Account(account, assigned.isEmpty()));
        }
        AssignmentsRecord record =
                new AssignmentsRecord(id, MAIN, new PortalUser(user), assignments.incrementAndGet(), assigned);
        fact(Topics.ASSIGNMENTS, record.key(), AssignmentsRecord.TYPE, record);
    }

    /** The same later; to return, that must have been heard. */
    public void assign(Views views, String user, AccountName... accounts) {
        assign(user, accounts);
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> views.assignments()
                        .get(AssignmentsRecord.key(id, MAIN, new PortalUser(user)))
                        .filter(record -> record.version() == assignments.get())
                        .isPresent());
    }

    public void accountReady(String user, String upn) {
        AccountRecord record = new AccountRecord(
                id,
                MAIN,
                AccountId.ofUser(new PortalUser(user)),
                System.nanoTime(),
                AccountState.READY,
                Optional.empty(),
                Optional.of(upn),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1);
        fact(Topics.ACCOUNTS, record.key(), AccountRecord.TYPE, record);
    }

    /** The registration is being taken down. */
    public void registrationEnds() {
        registration(2, Optional.empty(), Optional.empty(), RegistrationState.ENDING);
    }

    /** An administrator has made the registration, or changed it; to return, that must have been heard. */
    public void registrationIsMade(Views views) {
        long version = System.nanoTime();
        String key = registration(version, Optional.empty(), Optional.empty(), RegistrationState.COMPLETE);
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> views.registrations()
                        .get(key)
                        .filter(record -> record.version() == version)
                        .isPresent());
    }

    /** An administrator has removed the registration without waiting; what he does next has a higher version. */
    public void registrationEnded(long version) {
        registrationEnded(version, Instant.now());
    }

    /** The same, some time ago. */
    public void registrationEnded(long version, Instant at) {
        tombstone(Topics.REGISTRATIONS, RegistrationRecord.key(id, MAIN), version, at);
    }

    /** The registration is the emulator's app; to return, that must have been heard. */
    public void registrationComplete(Views views) {
        String key =
                registration(1, Optional.of(Seed.TENANT_ID), Optional.of(Seed.CLIENT_ID), RegistrationState.COMPLETE);
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> views.registrations().get(key).isPresent());
    }

    private String registration(
            long version, Optional<String> tenantId, Optional<String> clientId, RegistrationState state) {
        RegistrationRecord record = new RegistrationRecord(
                id,
                MAIN,
                version,
                "global",
                "https://graph.microsoft.com",
                tenantId,
                clientId,
                AccountTypes.BUSINESS,
                "emailBiz",
                List.of(),
                new PortalUser("ADA"),
                state);
        fact(Topics.REGISTRATIONS, record.key(), RegistrationRecord.CHANGED, record);
        return record.key();
    }

    private void fact(String topic, String recordKey, String type, Object data) {
        send(EventCodec.write(
                topic,
                recordKey,
                Event.of(UUID.randomUUID().toString(), URI.create("/test"), type, Instant.now(), data)));
    }

    /** An action of that user under the registration Main. */
    public Event<Object> action(String type, String user, Object data) {
        return Event.<Object>of(UUID.randomUUID().toString(), URI.create("/intrexx/test"), type, Instant.now(), data)
                .withExtension(Event.PORTAL_USER, user)
                .withExtension(Event.REGISTRATION, MAIN.value());
    }

    public String publish(Event<?> action) {
        return publish(action.extension(Event.PORTAL_USER).orElse("nobody"), action);
    }

    public String publish(String recordKey, Event<?> action) {
        send(EventCodec.write(Topics.actions(id), recordKey, action));
        return action.id();
    }

    public void publishRaw(String text) {
        send(new ProducerRecord<>(Topics.actions(id), "k", text.getBytes(StandardCharsets.UTF_8)));
    }

    /** What a service of the suite would write. */
    public void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All events on a topic so far, committed ones only, each partition in its order. */
    public List<Event<JsonNode>> all(String topic) {
        return records(topic).stream()
                .map(EventCodec::read)
                .map(Reading.Understood.class::cast)
                .map(Reading.Understood::event)
                .toList();
    }

    public static List<ConsumerRecord<String, byte[]>> records(String topic) {
        return TopicReader.of(BOOTSTRAP).read(topic);
    }

    /** Events of the topic of results that belong to this action. */
    public List<Event<JsonNode>> resultsOf(String action) {
        return all(Topics.results(id)).stream()
                .filter(event ->
                        action.equals(event.extension(Event.CAUSATION_ID).orElse("")))
                .toList();
    }

    /** The result of this action, once it is there. */
    public JsonNode result(String action) {
        return Awaitility.await("result of " + action)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> completed(action), list -> !list.isEmpty())
                .get(0);
    }

    public List<JsonNode> completed(String action) {
        return resultsOf(action).stream()
                .filter(event -> event.type().equals("action-completed.v1"))
                .map(Event::data)
                .toList();
    }

    /** What has changed; not how far anybody has got. */
    public List<Event<JsonNode>> changes() {
        return all(Topics.changes(id)).stream()
                .filter(event -> !event.type().equals(WatchProgressed.TYPE))
                .toList();
    }

    /** How far that watch has got, each container's in its order. */
    public List<Event<JsonNode>> progress(String watch) {
        return all(Topics.changes(id)).stream()
                .filter(event -> event.type().equals(WatchProgressed.TYPE))
                .filter(event -> event.data().path("watch").asText().equals(watch))
                .toList();
    }

    /** What a reader of the changes believes to be in the container: resource id → etag. */
    public Map<String, String> state() {
        Map<String, String> state = new HashMap<>();
        for (Event<JsonNode> change : changes()) {
            JsonNode resource = change.data().path("resource");
            if (change.type().contains("-deleted.")) {
                state.remove(resource.path("id").asText());
            } else {
                state.put(resource.path("id").asText(), resource.path("etag").asText());
            }
        }
        return state;
    }

    public static ObjectNode mail(String to, String subject) {
        ObjectNode data = EventCodec.json().createObjectNode();
        ObjectNode message = data.putObject("message");
        message.put("subject", subject);
        message.putObject("body").put("contentType", "text").put("content", "Hello");
        message.putArray("toRecipients").add(to);
        return data;
    }

    public static ObjectNode channelMessage(String team, String channel, String content) {
        ObjectNode data = EventCodec.json().createObjectNode();
        data.putObject("channel").put("teamId", team).put("channelId", channel);
        data.putObject("body").put("contentType", "html").put("content", content);
        return data;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
    }
}
