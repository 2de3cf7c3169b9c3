package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * An assignment as a caller writes it. Everything is text here, so that each mistake gets an answer of its own.
 */
@Schema(description = "Which accounts a principal may use. Without a default the first account is it.")
record AssignmentRequest(
        PrincipalRequest principal,
        @Schema(examples = "[\"current-user\",\"service\"]") List<String> accounts,
        @JsonProperty("default") String defaultAccount,

        @Schema(description = "By account. Where it is missing, a change leaves it as it is.")
        Map<String, NarrowingRequest> narrowing,

        @Schema(description = "Why, for the history") String reason,

        @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
    /** What an assignment is shown with besides; whoever sends back what he was shown need not cut it out. */
    private static final Set<String> SHOWN = Set.of("id", "version", "changedAt", "warnings", "progress");

    private static final int MOST_ACCOUNTS = 20;
    private static final int LONGEST_ID = 200;
    private static final int LONGEST_ACCOUNT = 64;

    /** In bytes, of all accounts together, as it is kept: a record on {@code m365.assignments} has to fit into a message of 1 MB. */
    static final int LONGEST_NARROWING = 256 * 1024;

    /**
     * In bytes: no export writes a longer one. In the narrowing's cell each quotation mark is doubled, and PostgreSQL writes a blank
     * behind each comma and colon, so nothing of it takes more than twice its place; a character of an id takes up to three bytes.
     */
    static final int LONGEST_LINE =
            2 * LONGEST_NARROWING + 3 * LONGEST_ID + (MOST_ACCOUNTS + 1) * (LONGEST_ACCOUNT + 1) + 64;

    @JsonCreator
    AssignmentRequest {}

    AssignmentRequest(
            PrincipalRequest principal,
            List<String> accounts,
            String defaultAccount,
            Map<String, NarrowingRequest> narrowing,
            String reason) {
        this(principal, accounts, defaultAccount, narrowing, reason, Map.of());
    }

    @Schema(description = "kind: user, group, role or default (which has no id)")
    record PrincipalRequest(String kind, String id) {
        Principal.Kind toKind() {
            for (var known : Principal.Kind.values()) {
                if (known.name().toLowerCase(Locale.ROOT).equals(kind)) {
                    return known;
                }
            }
            throw new ProblemException(AssignmentProblem.PRINCIPAL_INVALID);
        }
    }

    /** The principal, checked. */
    Principal toPrincipal() {
        requireKnown();
        require(principal != null);
        var kind = principal.toKind();
        var id = Optional.ofNullable(principal.id()).orElse("");
        return switch (kind) {
            case USER -> Principal.user(portalUser(id));
            case GROUP, ROLE -> new Principal(kind, name(id));
            case DEFAULT -> {
                require(id.isEmpty());
                yield Principal.DEFAULT;
            }
        };
    }

    /** The accounts, checked for themselves: whether they exist is another question. */
    Accounts toAccounts() {
        requireKnown();
        if (accounts == null
                || accounts.isEmpty()
                || accounts.size() > MOST_ACCOUNTS
                || new HashSet<>(accounts).size() < accounts.size()) {
            throw new ProblemException(AssignmentProblem.ACCOUNTS_INVALID, MOST_ACCOUNTS);
        }
        var names = accounts.stream().map(AssignmentRequest::accountName).toList();
        var chosen = defaultAccount == null ? names.get(0) : accountName(defaultAccount);
        if (!names.contains(chosen)) {
            throw new ProblemException(AssignmentProblem.DEFAULT_NOT_ASSIGNED, chosen);
        }
        return new Accounts(names, chosen, toNarrowing(names));
    }

    /** A misspelt {@code narrowing} would leave the app all its power where its writer meant to take something away. */
    private void requireKnown() {
        if (unknown != null) {
            unknown.keySet().stream()
                    .filter(name -> !SHOWN.contains(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new ProblemException(RequestProblem.INVALID_REQUEST).with("member", name);
                    });
        }
    }

    /** Nobody widens an account by not speaking of it. */
    boolean leavesNarrowing() {
        return narrowing == null;
    }

    private Map<AccountName, Narrowing> toNarrowing(List<AccountName> names) {
        var checked = new TreeMap<AccountName, Narrowing>();
        if (narrowing != null) {
            narrowing.forEach((account, narrowed) -> {
                var name = names.stream()
                        .filter(known -> known.value().equals(account))
                        .findFirst()
                        .orElseThrow(() -> NarrowingRequest.invalid(account));
                if (narrowed == null) {
                    throw NarrowingRequest.invalid(account);
                }
                checked.put(name, narrowed.checked(name));
            });
        }
        if (!checked.isEmpty() && size(checked) > LONGEST_NARROWING) {
            throw new ProblemException(AssignmentProblem.NARROWING_TOO_LARGE, LONGEST_NARROWING / 1024);
        }
        return checked;
    }

    private static int size(Map<AccountName, Narrowing> narrowing) {
        try {
            return NarrowingJson.write(narrowing).getBytes(StandardCharsets.UTF_8).length;
        } catch (IllegalArgumentException e) {
            // Half of a character that takes two.
            throw NarrowingRequest.invalid("narrowing").causedBy(e);
        }
    }

    private static PortalUser portalUser(String id) {
        try {
            var user = new PortalUser(id);
            require(!user.equals(AssignmentsRecord.DEFAULT));
            return user;
        } catch (IllegalArgumentException e) {
            throw new ProblemException(AssignmentProblem.PRINCIPAL_INVALID).causedBy(e);
        }
    }

    private static String name(String id) {
        require(!id.isBlank() && id.length() <= LONGEST_ID && id.codePoints().noneMatch(AssignmentRequest::isNoText));
        return id;
    }

    private static boolean isNoText(int character) {
        return Character.isISOControl(character) || Character.getType(character) == Character.SURROGATE;
    }

    private static AccountName accountName(String text) {
        try {
            return new AccountName(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(AssignmentProblem.ACCOUNTS_INVALID, MOST_ACCOUNTS).causedBy(e);
        }
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new ProblemException(AssignmentProblem.PRINCIPAL_INVALID);
        }
    }
}
