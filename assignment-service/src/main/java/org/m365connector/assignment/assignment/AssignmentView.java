package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.events.AccountName;
import org.m365connector.events.Narrowing;

/**
 * An assignment as the API shows it; the version is its ETag.
 *
 * @param warnings in the answer to a change only
 * @param progress in the answer to a change for more people than can be told at once: where to see how far it is
 */
record AssignmentView(
        UUID id,
        Principal principal,
        List<AccountName> accounts,
        @JsonProperty("default") AccountName defaultAccount,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<AccountName, Narrowing> narrowing,
        long version,
        Instant changedAt,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Warning> warnings,
        Optional<String> progress) {
    AssignmentView with(List<Warning> found, Optional<String> where) {
        return new AssignmentView(id, principal, accounts, defaultAccount, narrowing, version, changedAt, found, where);
    }
}
