package org.m365connector.emulator.graph.users;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.Filter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.LoginKind;
import org.m365connector.emulator.graph.protocol.Opaque;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** The directory's users. */
public final class Users {

    private static final List<String> BY_DEFAULT = List.of(
            "businessPhones",
            "displayName",
            "givenName",
            "jobTitle",
            "mail",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
            "userPrincipalName");

    private static final Properties PROPERTIES = new Properties(
            "microsoft.graph.user",
            "id",
            "businessPhones",
            "displayName",
            "givenName",
            "jobTitle",
            "mail",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
            "userPrincipalName",
            "accountEnabled",
            "assignedLicenses",
            "assignedPlans",
            "city",
            "companyName",
            "country",
            "createdDateTime",
            "department",
            "employeeId",
            "identities",
            "mailNickname",
            "onPremisesImmutableId",
            "onPremisesSyncEnabled",
            "otherMails",
            "provisionedPlans",
            "proxyAddresses",
            "state",
            "streetAddress",
            "usageLocation",
            "userType");

    /** With these alone a user may read himself, nobody else. */
    private static final Set<String> OWN_PROFILE_ONLY = Set.of("User.Read", "User.ReadWrite");

    private static final Set<String> LIST_OPTIONS =
            Set.of("select", "top", "filter", "skiptoken", "count", "orderby", "search", "expand");

    private final Directory directory;
    private final Switches switches;
    private final Opaque opaque = new Opaque();

    /** Where a page begins. */
    record Place(int from) {}

    public Users(Directory directory, Switches switches) {
        this.directory = directory;
        this.switches = switches;
    }

    public void addTo(RouteTable routes) {
        routes.add(Route.of("GET", "/me", Workload.DIRECTORY, this::get));
        routes.add(Route.of("GET", "/users/{id}", Workload.DIRECTORY, this::get));
        routes.add(Route.of("GET", "/users", Workload.DIRECTORY, this::list));
        routes.add(Route.of("POST", "/users", Workload.DIRECTORY, this::hire));
        routes.add(Route.of("DELETE", "/users/{id}", Workload.DIRECTORY, this::leave));
    }

    /** Nobody has licensed anything for him. */
    private Reply hire(Call call) {
        String upn = call.body().path("userPrincipalName").asText("");
        if (upn.isEmpty() || directory.userByUpn(upn).isPresent()) {
            throw GraphError.of(
                    400, "Request_BadRequest", "The userPrincipalName is missing, or another object has it already.");
        }
        UserAccount user = new UserAccount(
                directory.tenant(call.caller().tenantId()).orElseThrow(),
                UUID.randomUUID().toString(),
                upn,
                call.body().path("displayName").asText(""),
                "",
                call.body()
                        .at("/passwordProfile/password")
                        .asText(UUID.randomUUID().toString()),
                false);
        user.giveMailbox(false);
        user.licenseTeams(false);
        directory.add(user);
        ObjectNode shown = Json.object().put("@odata.context", call.context("users/$entity"));
        return Reply.created(shown.setAll(shown(user, List.of())));
    }

    private Reply leave(Call call) {
        directory.remove(user(call));
        return Reply.noContent();
    }

    private UserAccount user(Call call) {
        return directory
                .user(call.owner())
                .filter(account -> account.tenant().id().equals(call.caller().tenantId()))
                .orElseThrow(() -> GraphError.directoryObjectNotFound(call.owner()));
    }

    private Reply get(Call call) {
        Caller caller = call.caller();
        UserAccount user = user(call);
        boolean other = !user.oid().equals(caller.id());
        boolean ownProfileOnly =
                !caller.isApp() && caller.permissions().stream().allMatch(Users::saysNothingOfOthers);
        if (other && (ownProfileOnly || caller.kind() == LoginKind.DELEGATED_PERSONAL)) {
            throw GraphError.insufficientPrivileges();
        }
        List<String> selected = PROPERTIES.select(call.query());
        String what = selected.isEmpty() ? "users/$entity" : "users(" + String.join(",", selected) + ")/$entity";
        ObjectNode shown = Json.object().put("@odata.context", call.context(what));
        return Reply.ok(shown.setAll(shown(user, selected))).withHeader("x-ms-resource-unit", "1");
    }

    private static boolean saysNothingOfOthers(String scope) {
        return OWN_PROFILE_ONLY.contains(scope) || !(scope.startsWith("User.") || scope.startsWith("Directory."));
    }

    private Reply list(Call call) {
        Query query = call.query();
        for (String name : query.names()) {
            if (!LIST_OPTIONS.contains(name)) {
                throw GraphError.of(
                        400, "Request_UnsupportedQuery", "The query option '" + name + "' is not supported.");
            }
        }
        int most = switches.number("paging.users.max");
        int size = query.number("top", 0).orElse(switches.number("paging.users.default"));
        if (size < 1 || size > most) {
            throw GraphError.of(
                    400,
                    "Request_UnsupportedQuery",
                    "Invalid page size specified: '" + size + "'. Must be between 1 and " + most + " inclusive.");
        }
        List<String> selected = PROPERTIES.select(query);
        Optional<Filter> filter = PROPERTIES.filter(query);
        List<UserAccount> found = new ArrayList<>(directory.users());
        found.removeIf(user -> !user.tenant().id().equals(call.caller().tenantId())
                || filter.filter(f -> !f.matches(everything(user))).isPresent());
        query.text("search").ifPresent(text -> {
            if (call.header("ConsistencyLevel")
                    .filter("eventual"::equalsIgnoreCase)
                    .isEmpty()) {
                throw GraphError.of(
                        400,
                        "Request_UnsupportedQuery",
                        "Request with $search query parameter only works through MSGraph with a special request header:"
                                + " 'ConsistencyLevel: eventual'");
            }
            List<String> parts = List.of(text.replace("\"", "").split(":", 2));
            if (parts.size() == 2) {
                found.removeIf(user -> !everything(user)
                        .path(parts.get(0))
                        .asText("")
                        .toLowerCase(Locale.ROOT)
                        .contains(parts.get(1).toLowerCase(Locale.ROOT)));
            }
        });
        found.sort(order(query));
        int from = query.text("skiptoken")
                .map(token -> opaque.open(token, Place.class)
                        .orElseThrow(() -> GraphError.of(
                                400, "Directory_ExpiredPageToken", "The specified page token value has expired.")))
                .map(Place::from)
                .orElse(0);
        int start = Math.min(from, found.size());
        int end = Math.min(start + size, found.size());
        String what = selected.isEmpty() ? "users" : "users(" + String.join(",", selected) + ")";
        ObjectNode page = Json.object().put("@odata.context", call.context(what));
        boolean eventual = call.header("ConsistencyLevel")
                .filter("eventual"::equalsIgnoreCase)
                .isPresent();
        if (query.flag("count") && eventual && start == 0) {
            page.put("@odata.count", found.size());
        }
        if (end < found.size()) {
            page.put("@odata.nextLink", call.link(query.with("skiptoken", opaque.seal(new Place(end)))));
        }
        ArrayNode value = page.putArray("value");
        found.subList(start, end).forEach(user -> value.add(shown(user, selected)));
        return Reply.ok(page).withHeader("x-ms-resource-unit", "2");
    }

    private static Comparator<UserAccount> order(Query query) {
        Map<String, Comparator<UserAccount>> known = Map.of(
                "displayname", Comparator.comparing(UserAccount::displayName),
                "userprincipalname", Comparator.comparing(UserAccount::upn));
        String asked = query.text("orderby").orElse("displayName").trim().toLowerCase(Locale.ROOT);
        List<String> words = List.of(asked.split("\\s+", -1));
        Comparator<UserAccount> order = known.get(words.get(0));
        if (order == null) {
            throw GraphError.of(400, "Request_UnsupportedQuery", "Sorting not supported for current query.");
        }
        return words.size() > 1 && words.get(1).equals("desc") ? order.reversed() : order;
    }

    private static ObjectNode shown(UserAccount user, List<String> selected) {
        ObjectNode shown = Properties.only(everything(user), selected.isEmpty() ? BY_DEFAULT : selected);
        if (!selected.isEmpty() && !selected.contains("id")) {
            shown.remove("id");
        }
        return shown;
    }

    private static ObjectNode everything(UserAccount user) {
        ObjectNode all = Json.object();
        all.putArray("businessPhones");
        all.put("displayName", user.displayName());
        all.put("givenName", user.givenName());
        all.putNull("jobTitle");
        if (user.hasMailbox()) {
            all.put("mail", user.upn());
        } else {
            all.putNull("mail");
        }
        all.putNull("mobilePhone").putNull("officeLocation");
        all.put("preferredLanguage", "en-US");
        all.put("surname", user.surname());
        all.put("userPrincipalName", user.upn());
        all.put("id", user.oid());
        all.put("accountEnabled", !user.blocked());
        all.putArray("assignedLicenses");
        if (user.personal()) {
            // Nobody licenses a personal account.
            all.putNull("assignedPlans");
        } else {
            all.putArray("assignedPlans")
                    .add(plan("TeamspaceAPI", "57ff2da0-773e-42df-b2af-ffb7a2317929", user.teamsLicensed()))
                    .add(plan("exchange", "efb87545-963c-4e0d-99df-69c6916d9eb0", user.hasMailbox()));
        }
        all.put("mailNickname", user.upn().substring(0, Math.max(0, user.upn().indexOf('@'))));
        ArrayNode addresses = all.putArray("proxyAddresses");
        if (user.hasMailbox()) {
            addresses.add("SMTP:" + user.upn());
        }
        all.put("userType", "Member");
        for (String name : List.of("department", "companyName", "city", "country", "employeeId", "usageLocation")) {
            all.putNull(name);
        }
        return all;
    }

    /** One that was taken away is still listed. */
    private static JsonNode plan(String service, String id, boolean enabled) {
        return Json.object()
                .put("assignedDateTime", "2026-01-01T00:00:00Z")
                .put("capabilityStatus", enabled ? "Enabled" : "Deleted")
                .put("service", service)
                .put("servicePlanId", id);
    }
}
