package org.m365connector.graphproxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.access.Caller;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
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

    private static String refusal(RegistrationState state, Caller caller, RegistrationName registration) {
        return catchThrowableOfType(ProblemException.class, () -> check(state).admit(caller, DEMO, registration))
                .type()
                .slug();
    }

    private static AccessCheck check(RegistrationState state) {
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
                key -> Optional.ofNullable(Map.of("demo/Main", record).get(key)));
    }
}
