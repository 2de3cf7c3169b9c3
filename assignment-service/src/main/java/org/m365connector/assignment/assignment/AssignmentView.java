package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.m365connector.events.AccountName;

/** An assignment as the API shows it; the version is its ETag. */
record AssignmentView(
        UUID id,
        Principal principal,
        List<AccountName> accounts,
        @JsonProperty("default") AccountName defaultAccount,
        long version,
        Instant changedAt) {}
