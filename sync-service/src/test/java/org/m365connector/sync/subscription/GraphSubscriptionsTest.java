package org.m365connector.sync.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphSubscriptionsTest {

    @ParameterizedTest
    @CsvSource({
        "https://door.example/notifications, https://door.example/notifications, true",
        "https://Door.Example:443/notifications, https://door.example/notifications, true",
        "HTTP://door.example:80/a/notifications, http://door.example/a/notifications, true",
        "https://door.example/Notifications, https://door.example/notifications, false",
        "https://door.example:8443/notifications, https://door.example/notifications, false",
        "http://door.example/notifications, https://door.example/notifications, false",
        "https://door.example/notifications?x=1, https://door.example/notifications, false",
        "no address, no address, true",
        "no address, https://door.example/notifications, false"
    })
    void addressIsTheSameInWhateverWayItIsWritten(String one, String other, boolean same) {
        assertThat(GraphSubscriptions.isSame(one, other)).isEqualTo(same);
        assertThat(GraphSubscriptions.isSame(other, one)).isEqualTo(same);
    }
}
