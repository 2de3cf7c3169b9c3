package org.m365connector.auth.portal;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.events.PortalId;
import org.m365connector.events.Topics;
import org.m365connector.problem.ProblemException;

/** Makes topics that are missing. An operator may have made them beforehand: what is there stays as it is. */
@ApplicationScoped
class PortalTopics {

    private static final Logger LOG = Logger.getLogger(PortalTopics.class);
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(2);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAYS_3 = Duration.ofDays(3);
    private static final Duration DAYS_7 = Duration.ofDays(7);
    private static final Duration DAYS_30 = Duration.ofDays(30);

    /** The largest record of the source, Kafka's default of 1 MiB, and the headers that say what was wrong with it. */
    private static final int LARGEST_DEAD_LETTER = 2 * 1024 * 1024;

    private final Map<String, Object> kafka;
    private final TopicSettings settings;

    private Thread suiteTopics;

    PortalTopics(@Identifier("default-kafka-broker") Map<String, Object> kafka, TopicSettings settings) {
        this.kafka = kafka;
        this.settings = settings;
    }

    /** The suite's own topics, in the background: the service starts without Kafka, and makes them as soon as it is there. */
    void start(@Observes StartupEvent event) {
        if (settings.replication() < 3 || settings.minInsyncReplicas() < 2) {
            LOG.warnf(
                    "Topics are made with less than production asks for replication=%d minInsyncReplicas=%d",
                    settings.replication(), settings.minInsyncReplicas());
        }
        suiteTopics = new Thread(this::makeSuiteTopics, "suite-topics");
        suiteTopics.setDaemon(true);
        suiteTopics.start();
    }

    void stop(@Observes ShutdownEvent event) {
        suiteTopics.interrupt();
    }

    /** @throws ProblemException {@code kafka-unavailable}; whatever had been made by then stays and does no harm */
    void makeFor(PortalId portal) {
        List<NewTopic> topics = new ArrayList<>();
        for (String topic : List.of(
                Topics.actions(portal), Topics.results(portal), Topics.changes(portal), Topics.logins(portal))) {
            topics.add(kept(topic, settings.partitions(), DAYS_7));
        }
        topics.add(compacted(Topics.users(portal), settings.partitions()));
        // The last three for what the portal does not take where it is delivered by HTTP.
        for (String source : List.of(
                Topics.actions(portal),
                Topics.users(portal),
                Topics.results(portal),
                Topics.changes(portal),
                Topics.logins(portal))) {
            topics.add(deadLetters(source, settings.partitions()));
        }
        try {
            make(topics);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("Topics cannot be made portal=%s reason=%s", portal, e.toString());
            throw new ProblemException(AuthProblem.KAFKA_UNAVAILABLE).causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(AuthProblem.KAFKA_UNAVAILABLE).causedBy(e);
        }
    }

    KafkaAccess access(PortalId portal) {
        String bootstrap = settings.publicBootstrap()
                .orElseGet(() -> String.valueOf(kafka.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG)));
        return KafkaAccess.of(portal, bootstrap);
    }

    List<NewTopic> suiteTopics() {
        List<NewTopic> topics = new ArrayList<>();
        Topics.COMPACTED.forEach(topic -> topics.add(compacted(topic, settings.suitePartitions())));
        topics.add(kept(Topics.NOTIFICATIONS, settings.suitePartitions(), DAYS_3));
        for (String source : List.of(Topics.NOTIFICATIONS, Topics.REGISTRATIONS)) {
            topics.add(deadLetters(source, settings.suitePartitions()));
        }
        topics.add(throttling());
        topics.add(kept(Topics.AUDIT, settings.suitePartitions(), DAYS_30));
        return topics;
    }

    private void makeSuiteTopics() {
        try {
            while (!tryToMake(suiteTopics())) {
                Thread.sleep(AGAIN_AFTER.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean tryToMake(List<NewTopic> topics) throws InterruptedException {
        try {
            make(topics);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("The suite's topics cannot be made yet reason=%s", e.toString());
            return false;
        }
    }

    private void make(List<NewTopic> topics) throws ExecutionException, TimeoutException, InterruptedException {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int)
                settings.timeout().toMillis());
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int)
                settings.timeout().toMillis());
        try (Admin admin = Admin.create(config)) {
            var made = admin.createTopics(topics).values();
            for (var topic : made.entrySet()) {
                try {
                    topic.getValue().get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
                    LOG.infof("Topic made topic=%s", topic.getKey());
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw e;
                    }
                }
            }
        }
    }

    private NewTopic compacted(String name, int partitions) {
        return topic(
                name,
                partitions,
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.DELETE_RETENTION_MS_CONFIG,
                        Long.toString(DAYS_7.toMillis())));
    }

    private NewTopic kept(String name, int partitions, Duration howLong) {
        return topic(name, partitions, Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(howLong.toMillis())));
    }

    /** Its readers tell by the broker's clock how old something is, and all of it is in one order. */
    private NewTopic throttling() {
        return topic(
                Topics.THROTTLING,
                1,
                Map.of(
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(HOUR.toMillis()),
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
    }

    private NewTopic deadLetters(String source, int partitions) {
        return topic(
                Topics.deadLetter(source),
                partitions,
                Map.of(
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(DAYS_30.toMillis()),
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(LARGEST_DEAD_LETTER)));
    }

    private NewTopic topic(String name, int partitions, Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(settings.minInsyncReplicas()));
        return new NewTopic(name, partitions, settings.replication()).configs(all);
    }
}
