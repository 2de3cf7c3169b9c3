package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an assignment leaves of all that its account could do. Empty means all. Mailbox, teams and sites narrow the app itself
 * ({@code service}); a person is narrowed by his own rights.
 *
 * @param operations the only ones allowed
 * @param mailbox {@link #NONE}, {@link #OWN} for that of the portal user himself, or the user principal name of the only person
 *     whose mailbox may be opened
 * @param teams ids of the only teams
 * @param sites ids of the only sites
 * @param toldUpn in a record, beside {@link #OWN}: the user principal name that the portal tells of its user. It counts until he
 *     has signed in; then his mailbox is that of the account that he signed in with, whatever the portal tells. Earlier records
 *     say this name in place of {@link #OWN}
 */
public record Narrowing(
        Optional<List<Operation>> operations,
        Optional<String> mailbox,
        Optional<List<String>> teams,
        Optional<List<String>> sites,
        Optional<String> toldUpn) {

    public static final String NONE = "none";
    public static final String OWN = "own";

    /** The app may open the mailbox of the portal user himself. */
    public static final Narrowing OWN_MAILBOX = ofMailbox(OWN);

    /**
     * Calls to Graph that are alike.
     *
     * @param method HTTP method, {@code *} for each
     * @param path below the version; <code>{…}</code> stands for one segment, {@code **} for any number
     */
    public record Operation(String method, String path) {
        private static final Pattern METHOD = Pattern.compile("GET|HEAD|POST|PUT|PATCH|DELETE|\\*");
        private static final Pattern PATH = Pattern.compile("/[^?#\\s\\p{Cntrl}]{1,499}");

        /** @throws IllegalArgumentException where it is not a method and a path */
        public Operation {
            if (method == null
                    || !METHOD.matcher(method).matches()
                    || path == null
                    || !PATH.matcher(path).matches()) {
                throw new IllegalArgumentException("an operation is a method and a path");
            }
        }
    }

    @JsonCreator
    public Narrowing {
        operations = operations == null ? Optional.empty() : operations.map(List::copyOf);
        mailbox = mailbox == null ? Optional.empty() : mailbox;
        teams = teams == null ? Optional.empty() : teams.map(List::copyOf);
        sites = sites == null ? Optional.empty() : sites.map(List::copyOf);
        toldUpn = toldUpn == null ? Optional.empty() : toldUpn;
    }

    /** As an administrator says it. */
    public Narrowing(
            Optional<List<Operation>> operations,
            Optional<String> mailbox,
            Optional<List<String>> teams,
            Optional<List<String>> sites) {
        this(operations, mailbox, teams, sites, Optional.empty());
    }

    /** One mailbox, or none. */
    public static Narrowing ofMailbox(String word) {
        return new Narrowing(Optional.empty(), Optional.of(word), Optional.empty(), Optional.empty());
    }

    /** Whether it says something that only the app can be narrowed by. */
    public boolean narrowsTheApp() {
        return mailbox.isPresent() || teams.isPresent() || sites.isPresent();
    }

    /** Whether the mailbox is that of the portal user himself. */
    public boolean meansOwnMailbox() {
        return mailbox.filter(OWN::equals).isPresent();
    }

    /** The same, with what the portal tells of its user. */
    public Narrowing withToldUpn(String userPrincipalName) {
        return new Narrowing(operations, mailbox, teams, sites, Optional.of(userPrincipalName));
    }
}
