package org.m365connector.assignment.explanation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.m365connector.assignment.assignment.Accounts;
import org.m365connector.assignment.assignment.Principal;
import org.m365connector.assignment.assignment.Rule;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalUser;

class ExplanationTest {
    private static final PortalUser ADA = new PortalUser("ADA");
    private static final Rule OWN = rule(Principal.user(ADA), AccountName.SERVICE, AccountName.CURRENT_USER);
    private static final Rule EVERYBODY = rule(Principal.DEFAULT, AccountName.CURRENT_USER);

    @Test
    void firstRuleDecidesAndItsDefaultActs() {
        var explanation = Explanation.of(ADA, Optional.empty(), Optional.of(List.of(OWN, EVERYBODY)));

        assertThat(explanation.account()).contains(AccountName.SERVICE);
        assertThat(explanation.loginMode()).contains(LoginMode.SERVICE);
        assertThat(explanation.rule()).contains(OWN);
        assertThat(explanation.overridden()).containsExactly(EVERYBODY);
        assertThat(explanation.problem()).isEmpty();
    }

    @Test
    void accountThatIsNamedActsIfItIsAssigned() {
        var explanation =
                Explanation.of(ADA, Optional.of(AccountName.CURRENT_USER), Optional.of(List.of(OWN, EVERYBODY)));

        assertThat(explanation.account()).contains(AccountName.CURRENT_USER);
    }

    @Test
    void refusalsHaveTheSlugThatACallWouldGet() {
        assertThat(Explanation.of(ADA, Optional.empty(), Optional.empty()).problem())
                .contains("portal-user-unknown");
        assertThat(Explanation.of(ADA, Optional.empty(), Optional.of(List.of())).problem())
                .contains("not-assigned");
        var notHis = Explanation.of(ADA, Optional.of(AccountName.SERVICE), Optional.of(List.of(EVERYBODY)));
        assertThat(notHis.problem()).contains("account-not-assigned");
        assertThat(notHis.available()).containsExactly(AccountName.CURRENT_USER);
        assertThat(notHis.account()).isEmpty();
    }

    private static Rule rule(Principal principal, AccountName... accounts) {
        return new Rule(UUID.randomUUID(), principal, new Accounts(List.of(accounts), accounts[0]));
    }
}
