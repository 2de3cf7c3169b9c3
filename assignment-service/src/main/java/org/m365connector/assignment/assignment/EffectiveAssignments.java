package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.assignment.assignment.Publication.Said;
import org.m365connector.assignment.user.KnownGroups;
import org.m365connector.assignment.user.KnownUser;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.assignment.user.Nesting;
import org.m365connector.assignment.user.TechnicalUsers;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalUser;

/**
 * Works out what portal users may use and has it published. A user is known under a registration when the portal told of him
 * or when an assignment names him.
 */
@ApplicationScoped
class EffectiveAssignments {
    private final KnownUsers users;
    private final KnownGroups groups;
    private final TechnicalUsers technicalUsers;
    private final ApplyingRules applyingRules;
    private final Publication publication;

    EffectiveAssignments(
            KnownUsers users,
            KnownGroups groups,
            TechnicalUsers technicalUsers,
            ApplyingRules applyingRules,
            Publication publication) {
        this.users = users;
        this.groups = groups;
        this.technicalUsers = technicalUsers;
        this.applyingRules = applyingRules;
        this.publication = publication;
    }

    void workOut(Registration registration, PortalUser user) {
        workOut(registration, List.of(user.value()));
    }

    /** From now on nobody else changes that user, his own rule or his record, whether there is any of them yet or not. */
    void hold(Registration registration, PortalUser user) {
        users.share(registration.portal(), List.of(user.value()));
        publication.lock(registration, List.of(user.value()));
    }

    /**
     * Works it out from nothing for each of these, {@link AssignmentsRecord#DEFAULT} among them or not. The caller holds the
     * registration's lock, alone or with others, and has flushed what it changed.
     */
    void workOut(Registration registration, Collection<String> portalUsers) {
        // In the order of those who change a user: him first, then his record. Only what is read behind both is sure.
        users.share(registration.portal(), portalUsers);
        var before = publication.lock(registration, portalUsers);
        publication.say(registration, before, registration.active() ? now(registration, portalUsers) : Map.of());
    }

    private Map<String, Said> now(Registration registration, Collection<String> portalUsers) {
        var portal = registration.portal();
        var known = users.find(portal, portalUsers);
        var told = new HashSet<String>();
        var roles = new HashSet<String>();
        known.values().forEach(user -> {
            told.addAll(user.groups());
            roles.addAll(user.roles());
        });
        var nesting = groups.nesting(portal, told);
        var places = new HashMap<String, List<Nesting.Place>>();
        var belongsTo = new HashSet<String>();
        known.forEach((id, user) -> {
            var ofUser = nesting.placesOf(user.groups());
            places.put(id, ofUser);
            ofUser.forEach(place -> belongsTo.add(place.group()));
        });
        var rules = applyingRules.of(registration, portalUsers, belongsTo, roles);
        var now = new TreeMap<String, Said>();
        for (var id : portalUsers) {
            var user = Optional.ofNullable(known.get(id));
            if (id.equals(AssignmentsRecord.DEFAULT.value())) {
                now.put(id, said(rules.forEverybody(), Optional.empty(), technicalUsers.find(portal)));
            } else if (user.isPresent()
                    || rules.of(Principal.user(new PortalUser(id))).isPresent()) {
                var applying = rules.applying(
                        new PortalUser(id),
                        places.getOrDefault(id, List.of()),
                        user.map(KnownUser::roles).orElse(List.of()));
                var upn = registration.upnField().flatMap(field -> user.flatMap(is -> is.field(field)));
                now.put(id, said(applying.stream().findFirst(), upn, Optional.empty()));
            }
        }
        return now;
    }

    private static Said said(Optional<Rule> deciding, Optional<String> toldUpn, Optional<PortalUser> technicalUser) {
        return new Said(
                deciding.map(rule -> rule.accounts().forRecord(toldUpn)).orElse(List.of()),
                deciding.map(rule -> rule.principal().deciding()),
                technicalUser);
    }
}
