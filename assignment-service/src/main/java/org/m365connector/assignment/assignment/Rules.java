package org.m365connector.assignment.assignment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.assignment.user.Nesting;
import org.m365connector.events.PortalUser;

/**
 * The assignments of a registration, and which of them decides: that of the user himself, else of one of his groups, else
 * of one of his roles, else the default. It decides alone; rules are not added up, and neither is their narrowing. Among several
 * groups that with the highest priority decides, then the nearest, then the first by name; among several roles the first by name.
 */
final class Rules {
    private final Map<Principal, Rule> byPrincipal = new HashMap<>();

    Rules(Collection<Rule> rules) {
        rules.forEach(rule -> byPrincipal.put(rule.principal(), rule));
    }

    /**
     * The rules that apply to somebody, the one that decides first.
     *
     * @param groups that which decides first first
     */
    List<Rule> applying(PortalUser user, List<Nesting.Place> groups, Collection<String> roles) {
        var applying = new ArrayList<Rule>();
        of(Principal.user(user)).ifPresent(applying::add);
        groups.forEach(place -> of(new Principal(Principal.Kind.GROUP, place.group()))
                .map(rule -> rule.withPriority(place.priority()))
                .ifPresent(applying::add));
        roles.stream().sorted().forEach(name -> of(new Principal(Principal.Kind.ROLE, name))
                .ifPresent(applying::add));
        forEverybody().ifPresent(applying::add);
        return applying;
    }

    Optional<Rule> of(Principal principal) {
        return Optional.ofNullable(byPrincipal.get(principal));
    }

    Optional<Rule> forEverybody() {
        return of(Principal.DEFAULT);
    }
}
