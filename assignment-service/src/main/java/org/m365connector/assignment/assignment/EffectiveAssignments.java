package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.m365connector.assignment.user.KnownUser;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.assignment.user.UserDependents;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/**
 * Works out what every portal user may use and has it published. A user is known under a registration when the portal told
 * of him or when an assignment names him.
 */
@ApplicationScoped
class EffectiveAssignments implements UserDependents {
    private final KnownUsers users;
    private final Registrations registrations;
    private final Assignments assignments;
    private final Publication publication;

    EffectiveAssignments(
            KnownUsers users, Registrations registrations, Assignments assignments, Publication publication) {
        this.users = users;
        this.registrations = registrations;
        this.assignments = assignments;
        this.publication = publication;
    }

    @Override
    public void lock(PortalId portal) {
        registrations.shareActive(portal);
    }

    @Override
    public void changed(KnownUser user) {
        for (var registration : registrations.shareActive(user.portal())) {
            var rules = rules(assignments.applying(registration, user.portalUser(), user.groups(), user.roles()));
            say(registration, rules, user);
        }
    }

    @Override
    public void removed(PortalId portal, PortalUser user) {
        assignments.deleteOf(portal, user);
        registrations.shareActive(portal).forEach(registration -> publication.end(registration, user));
    }

    /** After an assignment of that principal was made, changed or removed. */
    void ruleChanged(Registration registration, Principal principal) {
        assignments.flush();
        switch (principal.kind()) {
            case USER -> userRuleChanged(registration, new PortalUser(principal.id()));
            case GROUP -> sayAll(registration, users.membersOfGroup(registration.portal(), principal.id()));
            case ROLE -> sayAll(registration, users.holdersOfRole(registration.portal(), principal.id()));
            case DEFAULT -> {
                sayAll(registration, users.all(registration.portal()));
                publication.say(
                        registration,
                        AssignmentsRecord.DEFAULT,
                        rulesOf(registration).forEverybody());
            }
        }
    }

    private void userRuleChanged(Registration registration, PortalUser portalUser) {
        var user = users.find(registration.portal(), portalUser);
        var groups = user.map(KnownUser::groups).orElse(List.of());
        var roles = user.map(KnownUser::roles).orElse(List.of());
        var rules = rules(assignments.applying(registration, portalUser, groups, roles));
        if (user.isEmpty() && rules.of(Principal.user(portalUser)).isEmpty()) {
            publication.end(registration, portalUser);
        } else {
            publication.say(registration, portalUser, deciding(rules.applying(portalUser, groups, roles)));
        }
    }

    /** Everything under this registration from the beginning. */
    void begin(Registration registration) {
        assignments.flush();
        var rules = rulesOf(registration);
        publication.say(registration, AssignmentsRecord.DEFAULT, rules.forEverybody());
        var known = new HashSet<PortalUser>();
        for (var user : users.all(registration.portal())) {
            known.add(user.portalUser());
            say(registration, rules, user);
        }
        for (var named : assignments.all(registration)) {
            var principal = named.principal();
            if (principal.kind() == Principal.Kind.USER && known.add(new PortalUser(principal.id()))) {
                publication.say(registration, new PortalUser(principal.id()), Optional.of(named.rule()));
            }
        }
    }

    void end(Registration registration) {
        assignments.deleteAll(registration);
        publication.endAll(registration);
    }

    private void sayAll(Registration registration, List<KnownUser> users) {
        var rules = rulesOf(registration);
        users.forEach(user -> say(registration, rules, user));
    }

    private void say(Registration registration, Rules rules, KnownUser user) {
        publication.say(
                registration,
                user.portalUser(),
                deciding(rules.applying(user.portalUser(), user.groups(), user.roles())));
    }

    private static Optional<Rule> deciding(List<Rule> applying) {
        return applying.stream().findFirst();
    }

    private Rules rulesOf(Registration registration) {
        return rules(assignments.all(registration));
    }

    static Rules rules(List<Assignment> assignments) {
        return new Rules(assignments.stream().map(Assignment::rule).toList());
    }
}
