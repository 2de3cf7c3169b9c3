package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a change has come that matters for many users.
 *
 * @param principal whose members are worked out again; {@code default} is everybody
 * @param usersTotal as counted when it began
 */
record Recalculation(
        String registration,
        Principal principal,
        long usersDone,
        Optional<Long> usersTotal,
        @JsonProperty("finished") boolean isFinished,
        Instant requestedAt,
        Optional<Instant> finishedAt) {}
