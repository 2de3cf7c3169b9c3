package org.m365connector.assignment.explanation;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.assignment.assignment.AssignmentsInForce;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.view.Views;

@ApplicationScoped
class ExplanationService {
    private final AssignmentsInForce assignments;
    private final Views views;
    private final Clock clock;

    ExplanationService(AssignmentsInForce assignments, Views views, Clock clock) {
        this.assignments = assignments;
        this.views = views;
        this.clock = clock;
    }

    /** Whom processes without a user run as. */
    Optional<PortalUser> technicalUser(PortalId portal, RegistrationName registration) {
        return assignments.technicalUser(portal, registration);
    }

    /** @param user {@link AssignmentsRecord#DEFAULT} asks what somebody new would get */
    Explanation explain(
            PortalId portal,
            RegistrationName registration,
            PortalUser user,
            Optional<AccountName> named,
            Optional<AskedOperation> operation) {
        var standing = assignments.standing(portal, registration, user);
        var explanation = Explanation.of(user, named, standing);
        if (standing.rules().isEmpty()) {
            explanation = explanation.onceKnown(
                    assignments.standing(portal, registration, AssignmentsRecord.DEFAULT).rules().stream()
                            .flatMap(List::stream)
                            .findFirst());
        }
        var logins = standing.inForce().orElse(List.of()).stream()
                .map(held -> login(portal, registration, user, held))
                .toList();
        var acting = explanation.account().flatMap(account -> logins.stream()
                .filter(login -> login.account().equals(account))
                .findFirst());
        if (acting.isPresent()) {
            explanation =
                    explanation.openingOnly(acting.get().narrowed().mailbox().map(left -> left.names().stream()
                            .sorted()
                            .toList()));
            if (operation.isPresent()) {
                explanation = explanation.about(OperationExplanation.of(operation.get(), acting.get(), logins));
            }
        }
        var refused = views.portals()
                .get(portal.value())
                .filter(record -> !record.entitled().isValid(clock.instant()))
                .isPresent();
        return refused ? explanation.notEntitled() : explanation;
    }

    private OperationExplanation.Login login(
            PortalId portal, RegistrationName registration, PortalUser user, AssignmentsRecord.Account held) {
        var account = held.account();
        var type = record(portal, registration, account.resolve(user)).flatMap(AccountRecord::accountType);
        var signedIn = record(portal, registration, AccountId.ofUser(user)).stream()
                .flatMap(his -> Stream.of(his.upn(), his.oid()))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
        return new OperationExplanation.Login(
                account,
                LoginKind.of(account.loginMode(), type),
                held.narrowing()
                        .map(narrowing -> Narrowed.of(narrowing, signedIn))
                        .orElse(Narrowed.NOT));
    }

    private Optional<AccountRecord> record(PortalId portal, RegistrationName registration, AccountId account) {
        return views.accounts().get(AccountRecord.key(portal, registration, account));
    }
}
