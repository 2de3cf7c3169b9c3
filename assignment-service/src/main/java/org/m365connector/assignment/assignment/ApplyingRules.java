package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rules that count now: those of the table, and of an import that has been taken what has not come there yet, without the accounts
 * that have ended.
 */
@ApplicationScoped
class ApplyingRules {
    private final Assignments assignments;
    private final TakenImports taken;
    private final Endings endings;

    ApplyingRules(Assignments assignments, TakenImports taken, Endings endings) {
        this.assignments = assignments;
        this.taken = taken;
        this.endings = endings;
    }

    /** All that may matter for these users, who are in these groups and hold these roles. */
    Rules of(Registration registration, Collection<String> users, Collection<String> groups, Collection<String> roles) {
        var ended = endings.accounts(registration.portal(), registration.name());
        var onTheirWay = taken.applying(registration, users, groups, roles);
        var rules = assignments.applying(registration, users, groups, roles).stream()
                .map(Assignment::rule)
                .collect(Collectors.toMap(
                        Rule::principal, Function.identity(), (one, other) -> one, LinkedHashMap::new));
        onTheirWay.forEach((principal, row) -> row.over(principal, Optional.ofNullable(rules.get(principal)))
                .ifPresentOrElse(rule -> rules.put(principal, rule), () -> rules.remove(principal)));
        return new Rules(rules.values().stream()
                .flatMap(rule -> rule.without(ended).stream())
                .toList());
    }
}
