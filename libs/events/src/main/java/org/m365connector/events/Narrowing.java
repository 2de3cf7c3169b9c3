package org.m365connector.events;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an assignment leaves of all that its account could do. Empty means all. Mailbox, teams and sites narrow the app itself
 * ({@code service}); a person is narrowed by his own rights.
 *
 * @param operations the only ones allowed
 * @param mailbox {@link #NONE}, or the user principal name of the only person whose mailbox may be opened. {@link #OWN} is
 *     that of the portal user himself; a record says it only where his user principal name is not known, and then it is the one
 *     that he signed in with, or none
 * @param teams ids of the only teams
 * @param sites ids of the only sites
 */
public record Narrowing(
        Optional<List<Operation>> operations,
        Optional<String> mailbox,
        Optional<List<String>> teams,
        Optional<List<String>> sites) {

    public static final String NONE = "none";
    public static final String OWN = "own";

    /** The app may open the mailbox of the portal user himself. */
    public static final Narrowing OWN_MAILBOX =
            new Narrowing(Optional.empty(), Optional.of(OWN), Optional.empty(), Optional.empty());

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

    public Narrowing {
        operations = operations == null ? Optional.empty() : operations.map(List::copyOf);
        mailbox = mailbox == null ? Optional.empty() : mailbox;
        teams = teams == null ? Optional.empty() : teams.map(List::copyOf);
        sites = sites == null ? Optional.empty() : sites.map(List::copyOf);
    }

    /** Whether it says something that only the app can be narrowed by. */
    public boolean narrowsTheApp() {
        return mailbox.isPresent() || teams.isPresent() || sites.isPresent();
    }

    /** The same with a mailbox that can be looked up. */
    public Narrowing withMailbox(String userPrincipalName) {
        return new Narrowing(operations, Optional.of(userPrincipalName), teams, sites);
    }
}
