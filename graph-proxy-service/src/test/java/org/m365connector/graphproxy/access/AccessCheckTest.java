package org.m365connector.graphproxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.access.Caller;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.problem.ProblemException;

class AccessCheckTest {

    private static final PortalId DEMO = new PortalId("demo");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final Caller PORTAL = new Caller.Portal(DEMO);
    private static final Caller SERVICE = new Caller.Service();
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void portalUsesItsOwnRegistration() {
        assertThat(check(RegistrationState.COMPLETE).admit(PORTAL, DEMO, MAIN).registration())
                .isEqualTo(MAIN);
    }

    @Test
    void serviceUsesEveryRegistration() {
        assertThat(check(RegistrationState.COMPLETE).admit(SERVICE, DEMO, MAIN).registration())
                .isEqualTo(MAIN);
    }

    @Test
    void nobodyIsUnauthorized() {
        assertThat(refusal(RegistrationState.COMPLETE, new Caller.Nobody(), MAIN))
                .isEqualTo("unauthorized");
    }

    @Test
    void anotherPortalIsForbiddenAndLearnsNothing() {
        Caller other = new Caller.Portal(new PortalId("other"));

        assertThat(refusal(RegistrationState.COMPLETE, other, MAIN)).isEqualTo("forbidden");
        assertThat(refusal(RegistrationState.COMPLETE, other, new RegistrationName("None")))
                .isEqualTo("forbidden");
    }

    @Test
    void administratorReadsCapabilitiesAndDoesNotActForAPortal() {
        assertThat(refusal(RegistrationState.COMPLETE, new Caller.Admin(), MAIN))
                .isEqualTo("forbidden");
        check(RegistrationState.COMPLETE).admitReader(new Caller.Admin(), DEMO);
    }

    @Test
    void unknownRegistrationIsSaidToBeUnknown() {
        assertThat(refusal(RegistrationState.COMPLETE, PORTAL, new RegistrationName("main")))
                .isEqualTo("registration-unknown");
    }

    @Test
    void draftCannotBeUsed() {
        assertThat(refusal(RegistrationState.DRAFT, PORTAL, MAIN)).isEqualTo("registration-incomplete");
    }

    @Test
    void whatIsEndingIsLeftToServices() {
        assertThat(refusal(RegistrationState.ENDING, PORTAL, MAIN)).isEqualTo("registration-ending");
        assertThat(check(RegistrationState.ENDING).admit(SERVICE, DEMO, MAIN).registration())
                .isEqualTo(MAIN);
    }

    @Test
    void ourClockSaysWhetherAnEntitlementHasBegunOrIsOver() {
        PortalRecord limited = portal(
                Optional.of(new Entitlement(Optional.of(BEGIN), Optional.of(END), Optional.empty(), Optional.empty())));

        assertThat(refusal(limited, BEGIN.minusNanos(1), PORTAL)).isEqualTo("not-entitled");
        assertThat(check(RegistrationState.COMPLETE, Optional.of(limited), BEGIN)
                        .admit(PORTAL, DEMO, MAIN)
                        .registration())
                .isEqualTo(MAIN);
        assertThat(check(RegistrationState.COMPLETE, Optional.of(limited), END.minusNanos(1))
                        .admit(SERVICE, DEMO, MAIN)
                        .registration())
                .isEqualTo(MAIN);
        assertThat(refusal(limited, END, PORTAL)).isEqualTo("not-entitled");
        assertThat(refusal(limited, END, SERVICE)).isEqualTo("not-entitled");
        assertThat(refusal(limited, END, new Caller.Nobody())).isEqualTo("unauthorized");
    }

    @Test
    void aPortalThatWeHaveNotHeardOfIsJudgedByItsRegistration() {
        assertThat(check(RegistrationState.COMPLETE, Optional.empty(), END)
                        .admit(SERVICE, DEMO, MAIN)
                        .registration())
                .isEqualTo(MAIN);
    }

    private static String refusal(PortalRecord portal, Instant now, Caller caller) {
        AccessCheck check = check(RegistrationState.COMPLETE, Optional.of(portal), now);
        return catchThrowableOfType(ProblemException.class, () -> check.admit(caller, DEMO, MAIN))
                .type()
                .slug();
    }

    private static String refusal(RegistrationState state, Caller caller, RegistrationName registration) {
        return catchThrowableOfType(ProblemException.class, () -> check(state).admit(caller, DEMO, registration))
                .type()
                .slug();
    }

    private static AccessCheck check(RegistrationState state) {
        return check(state, Optional.of(portal(Optional.empty())), BEGIN);
    }

    private static AccessCheck check(RegistrationState state, Optional<PortalRecord> portal, Instant now) {
        RegistrationRecord record = new RegistrationRecord(
                DEMO,
                MAIN,
                1,
                "global",
                "https://graph.microsoft.com",
                Optional.of("tenant"),
                Optional.of("client"),
                AccountTypes.BUSINESS,
                "emailBiz",
                List.of(),
                new PortalUser("ADA"),
                state);
        return new AccessCheck(
                key -> portal.filter(known -> known.key().equals(key)),
                key -> Optional.ofNullable(Map.of("demo/Main", record).get(key)),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private static PortalRecord portal(Optional<Entitlement> entitlement) {
        return new PortalRecord(DEMO, 1, "Demo", "en", List.of(), List.of(), PortalState.ACTIVE, entitlement);
    }
}
