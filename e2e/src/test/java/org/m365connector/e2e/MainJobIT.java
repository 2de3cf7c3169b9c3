package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The main job, played by {@code ./run demo} beside a running suite whose tokens and subscriptions live shortly. */
class MainJobIT {

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
}
