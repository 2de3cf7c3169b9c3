package org.m365connector.auth.portal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.m365connector.events.Topics;

class SuiteTopicsTest {

    private static final TopicSettings SETTINGS = new TopicSettings() {
        @Override
        public short replication() {
            return 3;
        }

        @Override
        public int minInsyncReplicas() {
            return 2;
        }

        @Override
        public int partitions() {
            return 6;
        }

        @Override
        public int suitePartitions() {
            return 3;
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(15);
        }

        @Override
        public Optional<String> publicBootstrap() {
            return Optional.empty();
        }
    };

    /** The proxy's replicas count by the broker's clock and read all in one order (docs/adr/0013). */
    @Test
    void throttlingHasTheBrokersTimesAndOneOrder() {
        NewTopic throttling = new PortalTopics(Map.of(), SETTINGS)
                .suiteTopics().stream()
                        .filter(topic -> topic.name().equals(Topics.THROTTLING))
                        .findFirst()
                        .orElseThrow();

        assertThat(throttling.numPartitions()).isEqualTo(1);
        assertThat(throttling.configs())
                .containsEntry("message.timestamp.type", "LogAppendTime")
                .containsEntry("retention.ms", "3600000")
                .containsEntry("min.insync.replicas", "2");
    }
}
