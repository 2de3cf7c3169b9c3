package org.m365connector.capability;

import static org.m365connector.capability.LoginKind.APP_ONLY;
import static org.m365connector.capability.LoginKind.DELEGATED_PERSONAL;
import static org.m365connector.capability.LoginKind.DELEGATED_WORK;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.m365connector.events.AccountName;
import org.m365connector.problem.ProblemException;

/**
 * Which operations a kind of login can do at all, whatever has been consented to; from Microsoft's permission metadata
 * (2026-08) and the pages of the operations. What no row speaks of is Graph's to decide.
 */
public final class Capabilities {

    private static final Set<LoginKind> EVERYBODY = Set.of(DELEGATED_WORK, DELEGATED_PERSONAL, APP_ONLY);
    private static final Set<LoginKind> PEOPLE = Set.of(DELEGATED_WORK, DELEGATED_PERSONAL);
    private static final Set<LoginKind> NOT_PERSONAL = Set.of(DELEGATED_WORK, APP_ONLY);
    private static final Set<LoginKind> WORK_ONLY = Set.of(DELEGATED_WORK);
    private static final Set<LoginKind> APP = Set.of(APP_ONLY);

    private static final String NOTHING = "";
    private static final String A_PERSON = "X-M365-Account: current-user | {static account}";
    private static final String THE_APP = "X-M365-Account: service";
    private static final String A_WORK_ACCOUNT = "work or school account";
    private static final String BY_ID = "/users/{id | userPrincipalName}/…";

    /** The first row that forbids decides what is answered, so the special ones stand before the general ones. */
    private static final List<Capability> TABLE = List.of(
            // Messages in Teams: an app may read them, never write them (outside of a migration).
            row("POST", "**/channels/{id}/messages", WORK_ONLY, A_PERSON),
            row("POST", "**/channels/{id}/messages/{id}/replies", WORK_ONLY, A_PERSON),
            row("POST", "**/channels/{id}/messages/**/softdelete", WORK_ONLY, A_PERSON),
            row("POST", "**/channels/{id}/messages/**/undosoftdelete", WORK_ONLY, A_PERSON),
            row("POST", "**/channels/{id}/messages/**/setreaction", WORK_ONLY, A_PERSON),
            row("POST", "**/channels/{id}/messages/**/unsetreaction", WORK_ONLY, A_PERSON),
            row("POST", "**/channels/{id}/messages/**/forwardtochat", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages/forwardtochat", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages/replywithquote", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages/{id}/softdelete", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages/{id}/undosoftdelete", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages/{id}/setreaction", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/messages/{id}/unsetreaction", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/markchatreadforuser", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/markchatunreadforuser", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/hideforuser", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/unhideforuser", WORK_ONLY, A_PERSON),
            row("POST", "**/chats/{id}/removeallaccessforuser", WORK_ONLY, A_PERSON),
            row("DELETE", "users/{id}/chats/{id}/targetedmessages/{id}", WORK_ONLY, A_PERSON),
            row("POST", "users/{id}/presence/clearautomaticlocation", WORK_ONLY, A_PERSON),
            row("POST", "users/{id}/presence/clearlocation", WORK_ONLY, A_PERSON),
            row("POST", "users/{id}/presence/setautomaticlocation", WORK_ONLY, A_PERSON),
            row("POST", "users/{id}/presence/setmanuallocation", WORK_ONLY, A_PERSON),
            row("GET", "teams/{id}/channels/getallmessages", APP, THE_APP),
            row("GET", "users/{id}/chats/getallmessages", APP, THE_APP),
            row("GET", "teams/{id}/channels/getallretainedmessages", APP, THE_APP),
            row("GET", "users/{id}/chats/getallretainedmessages", APP, THE_APP),
            row("GET", "users/{id}/onlinemeetings/getallrecordings", APP, THE_APP),
            row("GET", "users/{id}/onlinemeetings/getalltranscripts", APP, THE_APP),
            row("POST", "teams/{id}/channels/{id}/startmigration", APP, THE_APP),
            row("POST", "teams/{id}/channels/{id}/completemigration", APP, THE_APP),
            row("POST", "chats/{id}/startmigration", APP, THE_APP),
            row("POST", "chats/{id}/completemigration", APP, THE_APP),
            row("POST", "chats/{id}/unhidechatforallusers", APP, THE_APP),
            row("GET", "appcatalogs/teamsapps/{id}/installations", APP, THE_APP),
            row("GET", "appcatalogs/teamsapps/{id}/appdefinitions/{id}/installations", APP, THE_APP),
            row("POST", "teams/{id}/channels/{id}/provisionemail", WORK_ONLY, A_PERSON),
            row("POST", "teams/{id}/channels/{id}/removeemail", WORK_ONLY, A_PERSON),
            row("POST", "appcatalogs/teamsapps", WORK_ONLY, A_PERSON),
            row("POST", "appcatalogs/teamsapps/{id}/appdefinitions", WORK_ONLY, A_PERSON),
            row("DELETE", "appcatalogs/teamsapps/**", WORK_ONLY, A_PERSON),
            // Teams and what else only an organisation has.
            row("*", "teams/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "chats/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "users/{id}/chats/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "users/{id}/joinedteams/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "users/{id}/teamwork/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "users/{id}/onlinemeetings/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "users/{id}/presence/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "appcatalogs/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "communications/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "groups/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "users", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("DELETE", "users/{id}", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("GET", "users/delta", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("GET", "users/{id}/memberof/**", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("GET", "organization", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("POST", "users/{id}/findmeetingtimes", WORK_ONLY, A_PERSON),
            row("POST", "**/calendar/getschedule", NOT_PERSONAL, A_WORK_ACCOUNT),
            row("*", "me/chats/**", WORK_ONLY, A_WORK_ACCOUNT),
            row("*", "me/joinedteams/**", WORK_ONLY, A_WORK_ACCOUNT),
            row("*", "me/teamwork/**", WORK_ONLY, A_WORK_ACCOUNT),
            row("*", "me/onlinemeetings/**", WORK_ONLY, A_WORK_ACCOUNT),
            row("*", "me/presence/**", WORK_ONLY, A_WORK_ACCOUNT),
            row("*", "me/findmeetingtimes", WORK_ONLY, A_WORK_ACCOUNT),
            row("GET", "me/memberof/**", WORK_ONLY, A_WORK_ACCOUNT),
            row("GET", "me/manager", WORK_ONLY, A_WORK_ACCOUNT),
            // "Me" is a person.
            row("*", "me/**", PEOPLE, BY_ID),
            // What everybody can do, for those who read the table.
            row("POST", "users/{id}/sendmail", EVERYBODY, NOTHING),
            row("*", "users/{id}/messages/**", EVERYBODY, NOTHING),
            row("*", "users/{id}/mailfolders/**", EVERYBODY, NOTHING),
            row("*", "users/{id}/events/**", EVERYBODY, NOTHING),
            row("*", "users/{id}/calendars/**", EVERYBODY, NOTHING),
            row("*", "subscriptions/**", EVERYBODY, NOTHING));

    private final Map<LoginKind, List<Capability>> forbidding = new EnumMap<>(LoginKind.class);

    public Capabilities() {
        for (LoginKind kind : LoginKind.values()) {
            forbidding.put(
                    kind,
                    TABLE.stream()
                            .filter(row -> !row.possibleFor().contains(kind))
                            .toList());
        }
    }

    /** The whole table, the row that decides first before others that match too. */
    public static List<Capability> table() {
        return TABLE;
    }

    /** Why that kind of login cannot make the call; empty where it can, or where Graph decides. */
    public Optional<Impossible> impossible(Operation operation, LoginKind kind) {
        for (Capability row : forbidding.getOrDefault(kind, List.of())) {
            if (row.matches(operation)) {
                return Optional.of(new Impossible(kind, row.operation(), insteadFor(kind, row, operation)));
            }
        }
        return Optional.empty();
    }

    /**
     * @param available the accounts that the caller may use instead, told to him
     * @throws ProblemException {@code app-only-not-supported}, {@code personal-not-supported} or {@code
     *     delegated-not-supported}
     */
    public void check(Operation operation, LoginKind kind, List<AccountName> available) {
        impossible(operation, kind).ifPresent(why -> {
            throw why.refusal(available);
        });
    }

    /** The table as JSON; the account types are those of the login. */
    public Map<String, Object> describe() {
        return Map.of(
                "capabilities", TABLE.stream().map(Capabilities::describe).toList(), "otherwise", "graph-decides");
    }

    private static Map<String, Object> describe(Capability row) {
        List<String> people = Stream.of(
                        row.possibleFor().contains(DELEGATED_WORK) ? "work" : "",
                        row.possibleFor().contains(DELEGATED_PERSONAL) ? "personal" : "")
                .filter(type -> !type.isEmpty())
                .toList();
        List<String> impersonal = people.stream().filter("work"::equals).toList();
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("operation", row.operation());
        described.put(
                "loginModes",
                Map.of(
                        "browser", people,
                        "static", impersonal,
                        "service", row.possibleFor().contains(APP_ONLY) ? List.of("work") : List.of()));
        if (!row.instead().isEmpty()) {
            described.put("instead", row.instead());
        }
        return described;
    }

    /** An app that asks for {@code /me/chats} needs another path first of all. */
    private static String insteadFor(LoginKind kind, Capability row, Operation operation) {
        boolean aboutMe =
                !operation.segments().isEmpty() && operation.segments().get(0).equals("me");
        boolean onlyBecauseOfMe = kind == APP_ONLY && aboutMe && row.instead().equals(A_WORK_ACCOUNT);
        if (onlyBecauseOfMe) {
            return BY_ID;
        }
        return kind == DELEGATED_PERSONAL && !row.instead().equals(THE_APP) ? A_WORK_ACCOUNT : row.instead();
    }

    private static Capability row(String method, String template, Set<LoginKind> possibleFor, String instead) {
        return new Capability(OperationTemplate.of(method, template), possibleFor, instead);
    }
}
