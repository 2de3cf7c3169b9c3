package org.m365connector.sync.round;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When and how rounds are made. */
@ConfigMapping(prefix = "m365.sync.round")
interface RoundConfig {
    /** Longest time between two rounds of what is not Teams', also without a notification. */
    @WithDefault("15M")
    Duration mailInterval();

    /** The same for Teams, where Microsoft asks not to poll more often than once a day. */
    @WithDefault("24H")
    Duration teamsInterval();

    /** How far back before the last look a chat is read again: Graph may show a change late, and a chat has no delta. */
    @WithDefault("5M")
    Duration chatOverlap();

    /** How far back before the last look at a mailbox it is searched again for folders in which mails have changed. */
    @WithDefault("5M")
    Duration mailboxOverlap();

    /** How far back from now a calendar is watched. */
    @WithDefault("30D")
    Duration calendarBack();

    /** How far ahead of now a calendar is watched; what is further away is told once it has come so near. */
    @WithDefault("366D")
    Duration calendarAhead();

    /** After how long the window over a calendar is moved on, which takes a full look at it. */
    @WithDefault("1D")
    Duration calendarSlide();

    /** How many rounds this process makes at the same time. */
    @WithDefault("4")
    int workers();

    /** How often to look for due containers when nothing has woken the workers. */
    @WithDefault("500MS")
    Duration pollInterval();

    /** After how long a killed process' rounds are taken over; a worker that lives renews its lease three times as often. */
    @WithDefault("12S")
    Duration lease();

    /** Resources per page; Teams allows at most 50. */
    @WithDefault("50")
    int pageSize();

    /** After a round that a notification asked for: when to look once more; doubled the second time. */
    @WithDefault("3S")
    Duration followUp();

    /**
     * How long after a notification whose content has been told the round comes that proves it; one round for all that came
     * meanwhile.
     */
    @WithDefault("1M")
    Duration afterContent();

    /** How often to look once more, after the first time only while nothing shows. */
    @WithDefault("2")
    int followUps();

    /**
     * Of so many things in a container it is kept in mind that a notification named them and no round has shown them; what no round
     * shows, {@code follow-ups} included, is asked for itself.
     */
    @WithDefault("100")
    int openHints();

    /**
     * So often Graph must say that a container itself is not there before it counts as gone, and what was in it is told deleted; and so
     * often a 404 that is nobody's must be all that is heard of one thing before the round goes on without it.
     */
    @WithDefault("4")
    int goneLooks();

    /** How far these looks must be from each other. */
    @WithDefault("1M")
    Duration goneApart();

    /** How often to look whether what is gone has come back. */
    @WithDefault("6H")
    Duration goneAgain();

    /** Pause after the first failed round; doubled with every further one. */
    @WithDefault("1S")
    Duration firstBackoff();

    /** Longest pause after failed rounds, also while somebody has to sign in. */
    @WithDefault("1M")
    Duration longestBackoff();
}
