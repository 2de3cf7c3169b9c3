package org.m365connector.sync.action;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How actions are carried out. */
@ConfigMapping(prefix = "m365.sync.action")
interface ActionConfig {
    /** How many actions this process carries out at the same time. */
    @WithDefault("8")
    int workers();

    /** How often to look for due actions when nothing has woken the workers. */
    @WithDefault("500MS")
    Duration pollInterval();

    /** After how long a killed process' actions are taken over; a worker that lives renews its lease three times as often. */
    @WithDefault("12S")
    Duration lease();

    /** The deadline of an action that names none, from its receipt. */
    @WithDefault("24H")
    Duration defaultDeadline();

    /** For how long a user or registration that is not known yet may still turn up. */
    @WithDefault("10S")
    Duration unknownGrace();

    /** Pause after the first failed attempt; doubled with every further one. */
    @WithDefault("1S")
    Duration firstBackoff();

    /** Longest pause between attempts. */
    @WithDefault("1M")
    Duration longestBackoff();

    /** How often to try a parked action without having heard of its account. */
    @WithDefault("1M")
    Duration parkRecheck();

    /** For how long after the end of the call that sends it a mail may still lie in the drafts before it is sent again. */
    @WithDefault("30S")
    Duration mailSettle();

    /** For how long finished actions can be asked for. */
    @WithDefault("30D")
    Duration keepFinished();
}
