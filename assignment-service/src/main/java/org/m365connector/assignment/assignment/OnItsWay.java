package org.m365connector.assignment.assignment;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.view.TopicView;

/** What has been told on a topic and a view may not have heard yet. */
final class OnItsWay {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private OnItsWay() {}

    /**
     * Returns when the view of its topic shows what this record said.
     *
     * @throws IllegalStateException where that takes longer than two seconds: the record is to come again
     */
    static void await(TopicView<?> view, ConsumerRecord<?, ?> record) {
        var end = System.nanoTime() + LONGEST.toNanos();
        while (!view.shows(record.partition(), record.offset())) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the view is behind topic=" + record.topic());
            }
            ImportSteps.pause(BETWEEN_LOOKS);
        }
    }
}
