package org.m365connector.auth.setup;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** @param status the worst of the checks */
record CheckReport(Instant at, Check.Status status, List<Check> checks) {

    static CheckReport of(Instant at, List<Check> checks) {
        return new CheckReport(
                at,
                checks.stream()
                        .map(Check::status)
                        .max(Comparator.naturalOrder())
                        .orElse(Check.Status.UNKNOWN),
                checks);
    }
}
