package org.m365connector.sync.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

class ActingTest {
    private static final Optional<AccountName> DEFAULT = Optional.empty();

    private static Acting acting(String user, Optional<AccountName> account, String mailbox) {
        return new Acting(
                new PortalId("demo"),
                new RegistrationName("Main"),
                Optional.of(new PortalUser(user)),
                account,
                Optional.of(mailbox));
    }

    @Test
    void callerIsTheSameWhoseverMailboxIsMeant() {
        assertThat(acting("BEN", DEFAULT, "ada@contoso.example").caller())
                .isEqualTo(acting("BEN", DEFAULT, "clara@contoso.example").caller())
                .isNotEqualTo(acting("ADA", DEFAULT, "clara@contoso.example").caller());
    }

    @Test
    void appIsOneCallerWhoeverItActsFor() {
        Optional<AccountName> service = Optional.of(AccountName.SERVICE);
        assertThat(acting("BEN", service, "ada@contoso.example").caller())
                .isEqualTo(acting("ADA", service, "ada@contoso.example").caller())
                .isNotEqualTo(acting("ADA", Optional.of(AccountName.CURRENT_USER), "ada@contoso.example")
                        .caller());
    }
}
