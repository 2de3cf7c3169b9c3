package org.m365connector.graphproxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.m365connector.access.Caller;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

class ResolvedAccountsTest {

    private static final PortalId DEMO = new PortalId("demo");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalUser ADA = new PortalUser("ADA");
    private static final PortalUser BEN = new PortalUser("BEN");
    private static final Caller PORTAL = new Caller.Portal(DEMO);
    private static final Caller SERVICE = new Caller.Service();

    private final Map<String, AssignmentsRecord> assignments = new HashMap<>();
    private final Map<String, AccountRecord> accounts = new HashMap<>();
    private final AtomicLong ofAssignments = new AtomicLong();
    private final AtomicLong ofAccounts = new AtomicLong();
    private final AtomicInteger looks = new AtomicInteger();
    private final ResolvedAccounts resolved = new ResolvedAccounts(
            new AccountResolver(
                    key -> {
                        looks.incrementAndGet();
                        return Optional.ofNullable(assignments.get(key));
                    },
                    key -> Optional.ofNullable(accounts.get(key))),
            ofAssignments::get,
            ofAccounts::get);

    @Test
    void whatHasBeenFoundIsNotLookedForAgainWhileNothingChanges() {
        assign(ADA, AccountName.CURRENT_USER);
        assign(BEN, AccountName.SERVICE);

        for (int i = 0; i < 3; i++) {
            assertThat(resolve(PORTAL, "ADA", null).id()).isEqualTo(AccountId.ofUser(ADA));
            assertThat(resolve(PORTAL, "BEN", null).id()).isEqualTo(AccountId.SERVICE);
        }

        assertThat(looks).hasValue(2);
    }

    @Test
    void whoIsAssignedAnotherAccountActsAsThatAtOnce() {
        assign(ADA, AccountName.CURRENT_USER);
        resolve(PORTAL, "ADA", null);

        assign(ADA, AccountName.SERVICE);

        assertThat(resolve(PORTAL, "ADA", null).id()).isEqualTo(AccountId.SERVICE);
    }

    @Test
    void whoIsSignedOutIsKnownToBeAtOnce() {
        assign(ADA, AccountName.CURRENT_USER);
        account(AccountState.READY);
        assertThat(resolve(PORTAL, "ADA", null).accepts(1)).isTrue();

        account(AccountState.GONE);

        assertThat(resolve(PORTAL, "ADA", null).accepts(1)).isFalse();
    }

    @Test
    void whoIsAssignedNothingAnyMoreIsRefusedAtOnceAndARefusalIsNotKept() {
        assign(ADA, AccountName.CURRENT_USER);
        resolve(PORTAL, "ADA", null);

        assignments.clear();
        ofAssignments.incrementAndGet();
        assertThatThrownBy(() -> resolve(PORTAL, "ADA", null)).isInstanceOf(ProblemException.class);

        assign(ADA, AccountName.CURRENT_USER);
        assertThat(resolve(PORTAL, "ADA", null).id()).isEqualTo(AccountId.ofUser(ADA));
    }

    @Test
    void aChangeWhileTheViewsAreAskedCountsForTheNextCall() {
        assign(ADA, AccountName.CURRENT_USER);
        ResolvedAccounts overtaken = new ResolvedAccounts(
                new AccountResolver(
                        key -> {
                            Optional<AssignmentsRecord> before = Optional.ofNullable(assignments.get(key));
                            if (looks.getAndIncrement() == 0) {
                                assign(ADA, AccountName.SERVICE);
                            }
                            return before;
                        },
                        key -> Optional.empty()),
                ofAssignments::get,
                ofAccounts::get);

        overtaken.resolve(PORTAL, DEMO, MAIN, Optional.empty(), "ADA", null);

        assertThat(overtaken
                        .resolve(PORTAL, DEMO, MAIN, Optional.empty(), "ADA", null)
                        .id())
                .isEqualTo(AccountId.SERVICE);
    }

    @Test
    void anAnswerIsOfOneKindOfCallerOneNameAndOneAddress() {
        assignments.put(
                AssignmentsRecord.key(DEMO, MAIN, ADA), record(ADA, AccountName.CURRENT_USER, AccountName.SERVICE));

        assertThat(resolve(PORTAL, "ADA", null).id()).isEqualTo(AccountId.ofUser(ADA));
        assertThat(resolve(PORTAL, "ADA", "service").id()).isEqualTo(AccountId.SERVICE);
        assertThat(resolve(SERVICE, null, "service").available()).containsExactly(AccountName.SERVICE);
        assertThatThrownBy(() -> resolve(PORTAL, null, "service")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() ->
                        resolved.resolve(PORTAL, DEMO, new RegistrationName("Other"), Optional.empty(), "ADA", null))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> resolved.resolve(PORTAL, DEMO, MAIN, Optional.of(BEN), "ADA", null))
                .isInstanceOf(ProblemException.class);
    }

    private ActingAccount resolve(Caller caller, String user, String account) {
        return resolved.resolve(caller, DEMO, MAIN, Optional.empty(), user, account);
    }

    private void assign(PortalUser user, AccountName account) {
        assignments.put(AssignmentsRecord.key(DEMO, MAIN, user), record(user, account));
        ofAssignments.incrementAndGet();
    }

    private static AssignmentsRecord record(PortalUser user, AccountName first, AccountName... others) {
        List<AssignmentsRecord.Account> held = new ArrayList<>();
        held.add(new AssignmentsRecord.Account(first, true));
        for (AccountName other : others) {
            held.add(new AssignmentsRecord.Account(other, false));
        }
        return new AssignmentsRecord(DEMO, MAIN, user, 1, held);
    }

    private void account(AccountState state) {
        AccountRecord record = new AccountRecord(
                DEMO,
                MAIN,
                AccountId.ofUser(ADA),
                1,
                state,
                Optional.empty(),
                Optional.of("ada@contoso.example"),
                Optional.empty(),
                Optional.of("oid-of-ada"),
                Optional.of(AccountType.WORK),
                1);
        accounts.put(record.key(), record);
        ofAccounts.incrementAndGet();
    }
}
