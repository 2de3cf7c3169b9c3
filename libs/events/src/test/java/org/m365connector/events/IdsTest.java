package org.m365connector.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AssignmentsRecord.Account;
import org.m365connector.events.AssignmentsRecord.Resolution;

class IdsTest {

    private static final PortalUser BEN = new PortalUser("0B0000000000000000000000000000000000000B");
    private static final AccountName BOT = new AccountName("team-bot");

    @Test
    void whatIsNotAnIdIsRefused() {
        for (String wrong : new String[] {null, "", "Demo", "a_b", "a".repeat(41), "a/b", "a\n"}) {
            assertThatThrownBy(() -> new PortalId(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : new String[] {null, "", "a/b", "a b", "a\u0000", "ü", "a".repeat(65)}) {
            assertThatThrownBy(() -> new PortalUser(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : new String[] {null, "", "static:", "static:service", "user:", "user:a/b", "Service"}) {
            assertThatThrownBy(() -> new AccountId(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anAccountsNameMeansAnAccountAndBack() {
        assertThat(AccountName.CURRENT_USER.resolve(BEN)).isEqualTo(AccountId.ofUser(BEN));
        assertThat(AccountName.SERVICE.resolve(BEN)).isEqualTo(AccountId.SERVICE);
        assertThat(BOT.resolve(BEN)).isEqualTo(AccountId.ofStatic(BOT));
        for (AccountName name : List.of(AccountName.CURRENT_USER, AccountName.SERVICE, BOT)) {
            assertThat(name.resolve(BEN).name()).isEqualTo(name);
            assertThat(name.resolve(BEN).loginMode()).isEqualTo(name.loginMode());
        }
        assertThat(AccountId.ofUser(BEN).portalUser()).contains(BEN);
        assertThat(AccountId.SERVICE.portalUser()).isEmpty();
    }

    @Test
    void aPortalIsTheTopicsAndDeadLettersAreNotRead() {
        assertThat(Topics.portalOf("portal.demo.actions")).contains(new PortalId("demo"));
        assertThat(Topics.portalOf("m365.accounts")).isEmpty();
        assertThat(Topics.actions(new PortalId("demo"))).matches(Topics.EVERY_ACTIONS);
        assertThat(Topics.deadLetter("portal.demo.actions")).doesNotMatch(Topics.EVERY_ACTIONS);
        assertThat(Topics.users(new PortalId("demo"))).matches(Topics.EVERY_USERS);
    }

    @Test
    void anEmptyFieldOfAPortalUserIsNoField() throws Exception {
        String json =
                "{\"portaluser\":\"0B\",\"fields\":{\"emailBiz\":null,\"a\":\"b\"},\"groups\":[null],\"roles\":null}";

        assertThat(EventCodec.json().readValue(json, PortalUserChanged.class))
                .isEqualTo(
                        new PortalUserChanged(new PortalUser("0B"), java.util.Map.of("a", "b"), List.of(), List.of()));
    }

    @Test
    void theNamedAccountActsElseTheDefault() {
        AssignmentsRecord both = record(new Account(AccountName.CURRENT_USER, true), new Account(BOT, false));

        assertThat(both.resolve(Optional.empty())).isEqualTo(new Resolution.Acting(AccountName.CURRENT_USER));
        assertThat(both.resolve(Optional.of(BOT))).isEqualTo(new Resolution.Acting(BOT));
        assertThat(both.resolve(Optional.of(AccountName.SERVICE)))
                .isEqualTo(new Resolution.NotAssigned(AccountName.SERVICE, List.of(AccountName.CURRENT_USER, BOT)));
        assertThat(record(new Account(BOT, false)).resolve(Optional.empty()))
                .isEqualTo(new Resolution.NoDefault(List.of(BOT)));
        assertThat(record().resolve(Optional.of(BOT))).isEqualTo(new Resolution.NothingAssigned());
    }

    private static AssignmentsRecord record(Account... accounts) {
        return new AssignmentsRecord(new PortalId("demo"), new RegistrationName("Main"), BEN, 1, List.of(accounts));
    }
}
