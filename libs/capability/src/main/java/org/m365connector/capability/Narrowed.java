package org.m365connector.capability;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.events.Narrowing;

/**
 * What an assignment leaves of all that its account could do. Graph itself does not narrow an app to mailboxes, teams or
 * sites; it is done here, by the address of each call.
 *
 * <ol>
 *   <li>Where operations are named, nothing else is allowed, whoever acts.
 *   <li>For the app, a call must be one that can be judged: a mailbox (or whatever else belongs to a person) by the person in the address, a
 *       team and a site by its id. What could lead anywhere ({@code /search/query}, {@code /drives/…} where mailboxes or
 *       sites are named, {@code $expand} of more than parts of the resource, links from one thing to another, a subscription) is refused, as is everything that nobody has thought of.
 *   <li>Ordinary looking up in the directory stays allowed: who exists, and who is in which group.
 * </ol>
 *
 * @param operations empty: all
 * @param mailbox empty: all; for the app only, as the other two
 * @param teams ids in lower case; empty: all
 * @param sites ids in lower case; empty: all
 */
public record Narrowed(
        Optional<List<OperationTemplate>> operations,
        Optional<Mailbox> mailbox,
        Optional<Set<String>> teams,
        Optional<Set<String>> sites) {

    /** Nothing is narrowed. */
    public static final Narrowed NOT =
            new Narrowed(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * The one mailbox that an app may open, or none.
     *
     * @param word for people: the user principal name, or what the assignment says where that is not known
     * @param names by which the person may be named in an address, in lower case: user principal name, object id
     */
    public record Mailbox(String word, Set<String> names) {
        public Mailbox {
            names = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        }

        static boolean isUpn(String name) {
            return name.indexOf('@') >= 0;
        }
    }

    /** Below a person: what is his and leads nowhere else. Files and chats are asked for apart. */
    private static final Set<String> OF_A_PERSON = Set.of(
            "messages",
            "mailfolders",
            "sendmail",
            "events",
            "calendar",
            "calendars",
            "calendargroups",
            "calendarview",
            "contacts",
            "contactfolders",
            "inferenceclassification",
            "outlook",
            "mailboxsettings",
            "getmailtips",
            "findmeetingtimes",
            "reminderview",
            "todo",
            "planner",
            "people",
            "photo",
            "photos",
            "presence",
            "onlinemeetings");

    /** Looked up by everybody who works with people and groups; no content of anybody. */
    private static final List<OperationTemplate> DIRECTORY = List.of(
            OperationTemplate.of("GET", "/users"),
            OperationTemplate.of("GET", "/users/delta"),
            OperationTemplate.of("GET", "/users/{id}"),
            OperationTemplate.of("GET", "/users/{id}/manager"),
            OperationTemplate.of("GET", "/users/{id}/memberof"),
            OperationTemplate.of("GET", "/users/{id}/joinedteams"),
            OperationTemplate.of("GET", "/users/{id}/presence"),
            OperationTemplate.of("GET", "/users/{id}/photo/**"),
            OperationTemplate.of("POST", "/communications/getpresencesbyuserid"),
            OperationTemplate.of("GET", "/groups"),
            OperationTemplate.of("GET", "/groups/{id}"),
            OperationTemplate.of("GET", "/groups/{id}/members"),
            OperationTemplate.of("GET", "/groups/{id}/owners"),
            OperationTemplate.of("GET", "/organization"));

    /** From here it goes on to somebody's or something else's content. */
    private static final Set<String> LEADS_AWAY = Set.of(
            "user",
            "users",
            "owners",
            "group",
            "team",
            "allchannels",
            "incomingchannels",
            "chat",
            "filesfolder",
            "site",
            "sites",
            "drives",
            "getbypath",
            "createdbyuser",
            "lastmodifiedbyuser");

    /**
     * @param signedIn names of the portal user himself: user principal name and object id of the account that he has signed in
     *     with; none before he has
     */
    public static Narrowed of(Narrowing narrowing, Set<String> signedIn) {
        return new Narrowed(
                narrowing.operations().map(named -> named.stream()
                        .map(operation -> OperationTemplate.of(operation.method(), operation.path()))
                        .toList()),
                narrowing.mailbox().map(word -> mailbox(word, narrowing.toldUpn(), signedIn)),
                narrowing.teams().map(Set::copyOf),
                narrowing.sites().map(Set::copyOf));
    }

    private static Mailbox mailbox(String word, Optional<String> toldUpn, Set<String> signedIn) {
        if (word.equals(Narrowing.NONE)) {
            return new Mailbox(word, Set.of());
        }
        if (word.equals(Narrowing.OWN)) {
            // Who he is, Microsoft has said when he signed in. A portal could tell the name of somebody else.
            Set<String> own = signedIn.isEmpty() ? toldUpn.map(Set::of).orElse(Set.of()) : signedIn;
            return new Mailbox(own.stream().filter(Mailbox::isUpn).findFirst().orElse(word), own);
        }
        return new Mailbox(word, signedIn.stream().anyMatch(word::equalsIgnoreCase) ? signedIn : Set.of(word));
    }

    public Narrowed {
        operations = operations.map(List::copyOf);
        teams = teams.map(Narrowed::lower);
        sites = sites.map(Narrowed::lower);
    }

    /**
     * Why the call is not allowed; empty where it is.
     *
     * @param query raw, without the question mark; empty where there is none
     */
    public Optional<NotAllowed> refusal(Operation operation, LoginKind kind, String query) {
        if (operations.isPresent() && !isNamed(operation)) {
            return Optional.of(new NotAllowed("operations", list(operations.get())));
        }
        boolean app = kind == LoginKind.APP_ONLY && (mailbox.isPresent() || teams.isPresent() || sites.isPresent());
        if ((app || operations.isPresent()) && Expansion.leadsAway(query)) {
            return Optional.of(new NotAllowed("address", app ? describe() : list(operations.orElseThrow())));
        }
        if (!app) {
            return Optional.empty();
        }
        if (operation.namesByValue() || operation.segments().isEmpty()) {
            return cannotBeJudged();
        }
        List<String> path = operation.segments();
        return switch (path.get(0)) {
            case "users" ->
                path.size() > 2 && !isDirectory(operation, query) ? ofPerson(path) : directory(operation, query);
            case "teams" -> ofTeam(path, 1);
            case "groups" ->
                path.size() > 2 && path.get(2).equals("team") ? ofTeam(path, 3) : directory(operation, query);
            case "sites" -> ofSite(path);
            // Whose it is, a person's or a site's, its id does not say.
            case "drives" ->
                mailbox.isEmpty() && sites.isEmpty() && staysInside(path, 2) ? Optional.empty() : cannotBeJudged();
            default -> directory(operation, query);
        };
    }

    /** Whether it is the mailbox of somebody whose names nobody has told yet. */
    public boolean isOfSomebodyUnknown() {
        return mailbox.filter(
                        own -> own.word().equals(Narrowing.OWN) && own.names().isEmpty())
                .isPresent();
    }

    /** Whether the object id of the one whose mailbox it is is known, so that nobody's word is needed for whose it is. */
    public boolean knowsObjectId() {
        return mailbox.filter(one -> !one.names().stream().allMatch(Mailbox::isUpn))
                .isPresent();
    }

    private boolean isNamed(Operation operation) {
        return !operation.namesByValue()
                && operations.orElseThrow().stream().anyMatch(named -> named.matches(operation));
    }

    private Optional<NotAllowed> directory(Operation operation, String query) {
        return isDirectory(operation, query) ? Optional.empty() : cannotBeJudged();
    }

    private static boolean isDirectory(Operation operation, String query) {
        return !Expansion.selectsFromMailbox(query) && DIRECTORY.stream().anyMatch(read -> read.matches(operation));
    }

    private Optional<NotAllowed> ofPerson(List<String> path) {
        if (mailbox.isPresent() && !mailbox.get().names().contains(path.get(1))) {
            return Optional.of(new NotAllowed("mailbox", List.of(mailbox.get().word())));
        }
        boolean judged =
                switch (path.get(2)) {
                    case "drive", "onenote" -> sites.isEmpty();
                    case "chats" -> teams.isEmpty();
                    default -> OF_A_PERSON.contains(path.get(2));
                };
        return judged && staysInside(path, 3) ? Optional.empty() : cannotBeJudged();
    }

    /** @param below where what lies in the team begins in the path; its id is always the second segment */
    private Optional<NotAllowed> ofTeam(List<String> path, int below) {
        if (teams.isPresent() && (path.size() < 2 || !teams.get().contains(path.get(1)))) {
            return Optional.of(new NotAllowed("teams", List.copyOf(teams.get())));
        }
        return staysInside(path, below + 1) ? Optional.empty() : cannotBeJudged();
    }

    private Optional<NotAllowed> ofSite(List<String> path) {
        if (sites.isPresent() && (path.size() < 2 || !sites.get().contains(path.get(1)))) {
            return Optional.of(new NotAllowed("sites", List.copyOf(sites.get())));
        }
        boolean listsDrives = path.size() == 3 && path.get(2).equals("drives");
        return listsDrives || staysInside(path, 2) ? Optional.empty() : cannotBeJudged();
    }

    /** Whether nothing in the address leads from one thing to another; names of files and folders do not count. */
    private static boolean staysInside(List<String> path, int from) {
        boolean inFilePath = false;
        for (int i = from; i < path.size(); i++) {
            String segment = path.get(i);
            if (!inFilePath && LEADS_AWAY.contains(segment)) {
                return false;
            }
            if (segment.endsWith(":")) {
                inFilePath = !inFilePath;
            }
        }
        return true;
    }

    private Optional<NotAllowed> cannotBeJudged() {
        return Optional.of(new NotAllowed("address", describe()));
    }

    private List<String> describe() {
        return Stream.of(
                        mailbox.map(allowed -> List.of("mailbox " + allowed.word())),
                        teams.map(allowed ->
                                allowed.stream().map(id -> "team " + id).toList()),
                        sites.map(allowed ->
                                allowed.stream().map(id -> "site " + id).toList()))
                .flatMap(Optional::stream)
                .flatMap(List::stream)
                .toList();
    }

    private static List<String> list(List<OperationTemplate> templates) {
        return templates.stream().map(OperationTemplate::toString).toList();
    }

    private static Set<String> lower(Set<String> ids) {
        return ids.stream().map(id -> id.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }
}
