package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;

class StandingTest {
    private static final PortalId PORTAL = new PortalId("demo");

    private static Optional<PortalRecord> portal(PortalState state) {
        return Optional.of(new PortalRecord(PORTAL, 1, "Demo", "en", List.of(), List.of(), state));
    }

    private static Optional<RegistrationRecord> registration(RegistrationState state) {
        return Optional.of(new RegistrationRecord(
                PORTAL,
                new RegistrationName("Main"),
                1,
                "global",
                "https://graph.microsoft.com",
                Optional.empty(),
                Optional.empty(),
                AccountTypes.BUSINESS,
                "emailBiz",
                List.of(),
                new PortalUser("ADA"),
                state));
    }

    @Test
    void watchStaysWhileEverybodyIsThere() {
        assertThat(Standing.of(portal(PortalState.ACTIVE), registration(RegistrationState.COMPLETE), true))
                .isEqualTo(Standing.STAYS);
        // Somebody repairs it.
        assertThat(Standing.of(portal(PortalState.ACTIVE), registration(RegistrationState.DRAFT), true))
                .isEqualTo(Standing.STAYS);
    }

    @Test
    void watchEndsWithItsPortalOrRegistration() {
        assertThat(Standing.of(portal(PortalState.ENDING), registration(RegistrationState.COMPLETE), true))
                .isEqualTo(Standing.ENDING);
        assertThat(Standing.of(portal(PortalState.ACTIVE), registration(RegistrationState.ENDING), false))
                .isEqualTo(Standing.ENDING);
    }

    @Test
    void whoHasNoRecordIsMissing() {
        assertThat(Standing.of(Optional.empty(), registration(RegistrationState.COMPLETE), true))
                .isEqualTo(Standing.MISSING);
        assertThat(Standing.of(portal(PortalState.ACTIVE), Optional.empty(), true))
                .isEqualTo(Standing.MISSING);
        assertThat(Standing.of(portal(PortalState.ACTIVE), registration(RegistrationState.COMPLETE), false))
                .isEqualTo(Standing.MISSING);
    }
}
