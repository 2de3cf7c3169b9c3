package org.m365connector.local.demo;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Suite;

class MainJobTest {

    @Test
    void isNotPlayedOnARealTenantAndSaysWhatToDo() {
        Suite ofRealTenant = new Suite(Map.of(), Optional.empty(), "localhost:6", "", "admin", Optional.empty());

        assertThatThrownBy(() -> MainJob.play(ofRealTenant, "demo", System.out))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("works on a real tenant")
                .hasMessageContaining("./run stop");
    }
}
