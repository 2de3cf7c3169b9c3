package org.m365connector.assignment.assignment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.events.PortalUser;

/**
 * The assignments of a registration, and which of them decides: that of the user himself, else of one of his groups, else
 * of one of his roles, else the default. It decides alone; rules are not added up. Among several groups, and among several
 * roles, the first by name decides.
 */
final class Rules {
    private final Map<Principal, Rule> byPrincipal = new HashMap<>();

    Rules(Collection<Rule> rules) {
        rules.forEach(rule -> byPrincipal.put(rule.principal(), rule));
    }

    /** The rules that apply to somebody, the one that decides first. */
    List<Rule> applying(PortalUser user, Collection<String> groups, Collection<String> roles) {
        var applying = new ArrayList<Rule>();
        of(Principal.user(user)).ifPresent(applying::add);
        addAll(Principal.Kind.GROUP, groups, applying);
        addAll(Principal.Kind.ROLE, roles, applying);
        forEverybody().ifPresent(applying::add);
        return applying;
    }

    Optional<Rule> of(Principal principal) {
        return Optional.ofNullable(byPrincipal.get(principal));
    }

    Optional<Rule> forEverybody() {
        return of(Principal.DEFAULT);
    }

    private void addAll(Principal.Kind kind, Collection<String> names, List<Rule> applying) {
        names.stream().sorted().forEach(name -> of(new Principal(kind, name)).ifPresent(applying::add));
    }
}
