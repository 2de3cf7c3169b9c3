package org.m365connector.sync.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** Topics of a portal that can be delivered. */
enum DeliveredTopic {
    CHANGES,
    RESULTS,
    LOGINS;

    @JsonValue
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException where there is no such topic */
    @JsonCreator
    static DeliveredTopic of(String word) {
        return Arrays.stream(values())
                .filter(topic -> topic.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no topic that is delivered"));
    }
}
