package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.m365connector.events.PortalId;

class ThrottledMailboxesTest {
    private static final Instant BEGIN = Instant.parse("2026-11-29T10:00:00Z");
    private static final Instant OVER = BEGIN.plusSeconds(5);
    private static final PortalId PORTAL = new PortalId("demo");
    private static final String INBOX = "users/ada/mailFolders/inbox";

    private Instant now = BEGIN;

    private final ThrottledMailboxes mailboxes = new ThrottledMailboxes(4, new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    });

    private boolean mayEnter(String path) {
        return mailboxes.enter(PORTAL, path).insteadAt().isEmpty();
    }

    @Test
    void whatOneFolderWasToldHoldsForTheOthersOfItsMailboxOnly() {
        mailboxes.refused(PORTAL, INBOX, OVER);

        assertThat(mailboxes.enter(PORTAL, "users/ada/events").insteadAt().orElseThrow())
                .isBetween(OVER, OVER.plusMillis(250));
        assertThat(mayEnter("users/adam/mailFolders/inbox")).isTrue();
        assertThat(mailboxes.enter(new PortalId("other"), "users/ada/events").insteadAt())
                .isEmpty();
    }

    @Test
    void oneFindsOutWhetherItIsOverAndTheOthersWait() {
        mailboxes.refused(PORTAL, INBOX, OVER);
        mailboxes.refused(PORTAL, "users/ada/mailFolders/archive", OVER.minusSeconds(2));
        now = OVER;

        ThrottledMailboxes.Pass first = mailboxes.enter(PORTAL, "users/ada/events");
        assertThat(first.insteadAt()).isEmpty();
        assertThat(mailboxes.enter(PORTAL, INBOX).insteadAt().orElseThrow())
                .isBetween(OVER.plusSeconds(1), OVER.plusMillis(1_250));

        // Refused again: the others wait as long, and then it is another one's turn.
        mailboxes.refused(PORTAL, "users/ada/events", OVER.plusSeconds(5));
        mailboxes.leave(first, false);
        now = OVER.plusSeconds(1);
        assertThat(mayEnter(INBOX)).isFalse();
        now = OVER.plusSeconds(5);
        ThrottledMailboxes.Pass second = mailboxes.enter(PORTAL, INBOX);
        assertThat(second.insteadAt()).isEmpty();
        assertThat(mayEnter("users/ada/events")).isFalse();

        // Not refused: all as before.
        mailboxes.leave(second, true);
        assertThat(mayEnter("users/ada/events")).isTrue();
        assertThat(mayEnter(INBOX)).isTrue();
    }

    @Test
    void halfOfTheWorkersAreLeftToTheOthers() {
        for (String who : new String[] {"ada", "ben", "clara"}) {
            mailboxes.refused(PORTAL, "users/" + who + "/events", OVER);
        }
        now = OVER;

        ThrottledMailboxes.Pass ada = mailboxes.enter(PORTAL, "users/ada/events");
        assertThat(ada.insteadAt()).isEmpty();
        assertThat(mayEnter("users/ben/events")).isTrue();
        assertThat(mayEnter("users/clara/events")).isFalse();
        assertThat(mayEnter("users/dora/events")).isTrue();

        mailboxes.leave(ada, false);
        assertThat(mayEnter("users/clara/events")).isTrue();
    }

    @Test
    void roundThatBeganBeforeGivesNothingBack() {
        ThrottledMailboxes.Pass before = mailboxes.enter(PORTAL, INBOX);
        mailboxes.refused(PORTAL, "users/ada/events", OVER);
        mailboxes.leave(before, true);

        assertThat(mayEnter(INBOX)).isFalse();
    }

    @Test
    void channelsAndChatsHaveLimitsOfTheirOwn() {
        mailboxes.refused(PORTAL, "teams/1/channels/2", OVER);
        mailboxes.refused(PORTAL, "chats/3", OVER);

        assertThat(mayEnter("teams/1/channels/2")).isTrue();
        assertThat(mayEnter("teams/1/channels/4")).isTrue();
        assertThat(mayEnter("chats/3")).isTrue();
    }
}
