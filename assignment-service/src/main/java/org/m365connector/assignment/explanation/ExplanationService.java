package org.m365connector.assignment.explanation;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.assignment.assignment.AssignmentService;
import org.m365connector.assignment.assignment.AssignmentsInForce;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.view.Views;

@ApplicationScoped
class ExplanationService {
    private final AssignmentService assignments;
    private final AssignmentsInForce published;
    private final Views views;
    private final Clock clock;

    ExplanationService(AssignmentService assignments, AssignmentsInForce published, Views views, Clock clock) {
        this.assignments = assignments;
        this.published = published;
        this.views = views;
        this.clock = clock;
    }

    /** Whom processes without a user run as. */
    Optional<PortalUser> technicalUser(PortalId portal, RegistrationName registration) {
        return published.technicalUser(portal, registration);
    }

    /** @param user {@link AssignmentsRecord#DEFAULT} asks what somebody new would get */
    Explanation explain(
            PortalId portal,
            RegistrationName registration,
            PortalUser user,
            Optional<AccountName> named,
            Optional<AskedOperation> operation) {
        var applying = assignments.applying(portal, registration, user);
        var explanation = Explanation.of(user, named, applying);
        if (applying.isEmpty()) {
            explanation =
                    explanation.onceKnown(assignments.applying(portal, registration, AssignmentsRecord.DEFAULT).stream()
                            .flatMap(rules -> rules.stream())
                            .findFirst());
        }
        if (explanation.account().isPresent()) {
            var acting = explanation.account().get();
            var inForce = published.narrowings(portal, registration, user);
            explanation = explanation.narrowedTo(Optional.ofNullable(inForce.get(acting)));
            if (operation.isPresent()) {
                explanation = explanation.about(OperationExplanation.of(
                        operation.get(),
                        login(portal, registration, user, acting, inForce),
                        explanation.available().stream()
                                .map(account -> login(portal, registration, user, account, inForce))
                                .toList()));
            }
        }
        var refused = views.portals()
                .get(portal.value())
                .filter(record -> !record.entitled().isValid(clock.instant()))
                .isPresent();
        return refused ? explanation.notEntitled() : explanation;
    }

    private OperationExplanation.Login login(
            PortalId portal,
            RegistrationName registration,
            PortalUser user,
            AccountName account,
            Map<AccountName, Narrowing> inForce) {
        var type = record(portal, registration, account.resolve(user)).flatMap(AccountRecord::accountType);
        var own = record(portal, registration, AccountId.ofUser(user)).stream()
                .flatMap(his -> Stream.of(his.upn(), his.oid()))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
        return new OperationExplanation.Login(
                account,
                LoginKind.of(account.loginMode(), type),
                Optional.ofNullable(inForce.get(account))
                        .map(narrowing -> Narrowed.of(narrowing, own))
                        .orElse(Narrowed.NOT));
    }

    private Optional<AccountRecord> record(PortalId portal, RegistrationName registration, AccountId account) {
        return views.accounts().get(AccountRecord.key(portal, registration, account));
    }
}
