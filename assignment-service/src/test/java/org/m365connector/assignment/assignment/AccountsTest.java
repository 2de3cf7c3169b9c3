package org.m365connector.assignment.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountName;
import org.m365connector.events.Narrowing;

class AccountsTest {
    private static final AccountName BOT = new AccountName("team-bot");
    private static final AccountName OTHER = new AccountName("other-bot");

    private final Accounts both = new Accounts(
            List.of(AccountName.SERVICE, BOT),
            AccountName.SERVICE,
            Map.of(AccountName.SERVICE, Narrowing.OWN_MAILBOX, BOT, Narrowing.OWN_MAILBOX));

    @Test
    void anAccountThatEndedLeavesTheOthersAsNarrowAsTheyAre() {
        assertThat(both.without(Set.of(BOT, OTHER)))
                .contains(new Accounts(
                        List.of(AccountName.SERVICE),
                        AccountName.SERVICE,
                        Map.of(AccountName.SERVICE, Narrowing.OWN_MAILBOX)));
    }

    @Test
    void noOtherActsInThePlaceOfADefaultThatEnded() {
        assertThat(both.without(Set.of(AccountName.SERVICE))).isEmpty();
    }

    @Test
    void whatNamesNoneOfThemStaysAsItIs() {
        assertThat(both.without(Set.of(OTHER))).containsSame(both);
        assertThat(both.without(Set.of())).containsSame(both);
    }
}
