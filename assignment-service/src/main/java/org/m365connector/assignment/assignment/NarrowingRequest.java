package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginMode;
import org.m365connector.events.Narrowing;
import org.m365connector.problem.ProblemException;

/** What is left of an account's power, as a caller writes it. */
@Schema(
        description =
                "What is left of an account's power; a missing member leaves all, an unknown one is refused. mailbox (none,"
                        + " own or a user principal name), teams and sites narrow service only.")
record NarrowingRequest(
        List<OperationRequest> operations,
        String mailbox,
        List<String> teams,
        List<String> sites,

        @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
    private static final int MOST_OPERATIONS = 100;
    private static final int MOST_IDS = 1000;
    private static final Pattern MAILBOX =
            Pattern.compile("none|own|[^\\s@/\\p{Cntrl}]{1,200}@[^\\s@/\\p{Cntrl}]{1,200}");

    /** Graph's ids of sites contain commas, those of teams are GUIDs. */
    private static final Pattern ID = Pattern.compile("[^\\s\\p{Cntrl}]{1,200}");

    record OperationRequest(
            String method,
            String path,

            @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
        Narrowing.Operation checked() {
            requireKnown(unknown);
            try {
                return new Narrowing.Operation(method, path);
            } catch (IllegalArgumentException e) {
                throw invalid("operations").causedBy(e);
            }
        }
    }

    Narrowing checked(AccountName account) {
        requireKnown(unknown);
        if (operations == null && mailbox == null && teams == null && sites == null) {
            // Whoever names an account here means to narrow it.
            throw invalid(account.value());
        }
        if (operations != null
                && (operations.size() > MOST_OPERATIONS || operations.stream().anyMatch(Objects::isNull))) {
            throw invalid("operations");
        }
        if (mailbox != null && !MAILBOX.matcher(mailbox).matches()) {
            throw invalid("mailbox");
        }
        requireIds("teams", teams);
        requireIds("sites", sites);
        var narrowing = new Narrowing(
                Optional.ofNullable(operations)
                        .map(list ->
                                list.stream().map(OperationRequest::checked).toList()),
                Optional.ofNullable(mailbox),
                Optional.ofNullable(teams),
                Optional.ofNullable(sites));
        if (narrowing.narrowsTheApp() && account.loginMode() != LoginMode.SERVICE) {
            throw invalid(account.value());
        }
        return narrowing;
    }

    /** A misspelt member would leave all where its writer meant to take something away. */
    private static void requireKnown(Map<String, Object> unknown) {
        if (unknown != null && !unknown.isEmpty()) {
            throw invalid(unknown.keySet().iterator().next());
        }
    }

    private static void requireIds(String member, List<String> ids) {
        if (ids != null
                && (ids.size() > MOST_IDS
                        || !ids.stream()
                                .allMatch(id -> id != null && ID.matcher(id).matches()))) {
            throw invalid(member);
        }
    }

    static ProblemException invalid(String member) {
        return new ProblemException(AssignmentProblem.NARROWING_INVALID, member).with("member", member);
    }
}
