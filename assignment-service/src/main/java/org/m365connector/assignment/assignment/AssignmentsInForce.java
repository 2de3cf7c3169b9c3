package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.hibernate.Session;
import org.m365connector.assignment.user.KnownGroups;
import org.m365connector.assignment.user.KnownUser;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.assignment.user.Nesting;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;
import org.m365connector.problem.ProblemException;

/** What has been published, as graph-proxy-service obeys it, and how far it is behind the rules. */
@ApplicationScoped
public class AssignmentsInForce {
    private final EntityManager entities;
    private final Registrations registrations;
    private final ApplyingRules applyingRules;
    private final KnownUsers users;
    private final KnownGroups groups;
    private final GoneAccounts goneAccounts;

    AssignmentsInForce(
            EntityManager entities,
            Registrations registrations,
            ApplyingRules applyingRules,
            KnownUsers users,
            KnownGroups groups,
            GoneAccounts goneAccounts) {
        this.entities = entities;
        this.registrations = registrations;
        this.applyingRules = applyingRules;
        this.users = users;
        this.groups = groups;
        this.goneAccounts = goneAccounts;
    }

    /** Whom processes without a user run as. */
    @Transactional
    public Optional<PortalUser> technicalUser(PortalId portal, RegistrationName registration) {
        return query(
                        "select technical_user from effective_assignments where portal_id = :portal"
                                + " and registration = :registration and portal_user = :user",
                        String.class,
                        portal,
                        registration,
                        AssignmentsRecord.DEFAULT)
                .stream()
                .filter(Objects::nonNull)
                .findFirst()
                .map(PortalUser::new);
    }

    /**
     * @param user in place of a portal user, {@link AssignmentsRecord#DEFAULT} stands for somebody new
     * @throws ProblemException {@code registration-unknown}
     */
    @Transactional
    public Standing standing(PortalId portal, RegistrationName name, PortalUser user) {
        // Rules and record of one moment, while others change both.
        entities.createNativeQuery("set transaction isolation level repeatable read")
                .executeUpdate();
        var registration =
                registrations.findActive(portal, name).orElseThrow(() -> AssignmentService.unknown(portal, name));
        var known = users.find(portal, user);
        var rules = rules(registration, user, known);
        var upn = registration.upnField().flatMap(field -> known.flatMap(is -> is.field(field)));
        var published = inForce(portal, name, user);
        var inForce =
                published.map(held -> without(goneAccounts.under(portal, name).keySet(), held));
        return new Standing(
                rules,
                inForce,
                rules.map(applying -> applying.stream()
                        .findFirst()
                        .map(deciding -> deciding.accounts().forRecord(upn))
                        .orElse(List.of())),
                isOnItsWay(portal, name, user) || !inForce.equals(published));
    }

    /** Nobody gets a token of what is gone, whatever his record says. He does of what has been made again under its name. */
    private static List<AssignmentsRecord.Account> without(
            Set<AccountName> gone, List<AssignmentsRecord.Account> published) {
        return published.stream().filter(held -> !gone.contains(held.account())).toList();
    }

    private Optional<List<Rule>> rules(Registration registration, PortalUser user, Optional<KnownUser> known) {
        var told = known.map(KnownUser::groups).orElse(List.of());
        var places = groups.nesting(registration.portal(), told).placesOf(told);
        var roles = known.map(KnownUser::roles).orElse(List.of());
        var rules = applyingRules.of(
                registration,
                List.of(user.value()),
                places.stream().map(Nesting.Place::group).toList(),
                roles);
        if (user.equals(AssignmentsRecord.DEFAULT)) {
            return Optional.of(rules.forEverybody().stream().toList());
        }
        if (known.isEmpty() && rules.of(Principal.user(user)).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(rules.applying(user, places, roles));
    }

    private Optional<List<AssignmentsRecord.Account>> inForce(PortalId portal, RegistrationName name, PortalUser user) {
        return query(
                        "select array_to_string(accounts, ' '), default_account, cast(narrowing as text)"
                                + " from effective_assignments where portal_id = :portal"
                                + " and registration = :registration and portal_user = :user",
                        Object[].class,
                        portal,
                        name,
                        user)
                .stream()
                .findFirst()
                .map(row -> Publication.accounts(
                        row[0].toString().isEmpty()
                                ? new String[0]
                                : row[0].toString().split(" ", -1),
                        (String) row[1],
                        row[2].toString()));
    }

    private boolean isOnItsWay(PortalId portal, RegistrationName name, PortalUser user) {
        return entities.unwrap(Session.class)
                .createNativeQuery(
                        "select exists (select 1 from outbox where topic = :topic and key = :key)", Boolean.class)
                .setParameter("topic", Topics.ASSIGNMENTS)
                .setParameter("key", AssignmentsRecord.key(portal, name, user))
                .getSingleResult();
    }

    private <T> List<T> query(
            String sql, Class<T> row, PortalId portal, RegistrationName registration, PortalUser user) {
        return entities.unwrap(Session.class)
                .createNativeQuery(sql, row)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("user", user.value())
                .getResultList();
    }
}
