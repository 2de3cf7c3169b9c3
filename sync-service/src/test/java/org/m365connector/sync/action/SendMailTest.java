package org.m365connector.sync.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;

class SendMailTest {
    private static final AccountId ADA = AccountId.ofUser(new PortalUser("ADA"));
    private static final AccountId SERVICE = AccountName.SERVICE.resolve(new PortalUser("ADA"));
    private static final Set<String> NAMES = Set.of("ada@contoso.example", "oid-of-ada");

    private static Optional<String> mailbox(AccountId account, String named, Set<String> names, boolean begun) {
        return SendMail.mailboxByName(account, Optional.ofNullable(named), names, begun);
    }

    @Test
    void ownMailboxNeedsNoName() {
        assertThat(mailbox(ADA, null, NAMES, false)).isEmpty();
        assertThat(mailbox(ADA, "Ada@Contoso.example", NAMES, false)).isEmpty();
        assertThat(mailbox(ADA, "oid-of-ada", NAMES, false)).isEmpty();
    }

    @Test
    void mailboxOfSomebodyElseIsRefused() {
        assertThatThrownBy(() -> mailbox(ADA, "clara@contoso.example", NAMES, false))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void namedMailboxIsNotTakenForTheOwnOneWhileNobodyKnowsWhoActs() {
        assertThat(mailbox(ADA, "clara@contoso.example", Set.of(), false)).contains("clara@contoso.example");
    }

    @Test
    void whatWasBegunInANamedMailboxGoesOnThere() {
        assertThat(mailbox(ADA, "clara@contoso.example", NAMES, true)).contains("clara@contoso.example");
    }

    @Test
    void serviceAccountHasNoMailboxOfItsOwn() {
        assertThat(mailbox(SERVICE, "clara@contoso.example", Set.of(), false)).contains("clara@contoso.example");
        assertThatThrownBy(() -> mailbox(SERVICE, null, Set.of(), false)).isInstanceOf(ProblemException.class);
    }
}
