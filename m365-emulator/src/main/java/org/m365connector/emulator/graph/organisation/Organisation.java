package org.m365connector.emulator.graph.organisation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;

/** Presence, online meetings, the catalogue of Teams apps, groups and memberships: one of each, or none. */
public final class Organisation {

    private final Directory directory;
    private final List<String> catalogue = new ArrayList<>();

    public Organisation(Directory directory) {
        this.directory = directory;
    }

    public void reset() {
        catalogue.clear();
        catalogue.add(Seed.TEAMS_APP_ID);
    }

    public void addTo(RouteTable routes) {
        teams(routes, "GET", "/users/{id}/presence", this::presence);
        for (String change :
                List.of("clearAutomaticLocation", "clearLocation", "setAutomaticLocation", "setManualLocation")) {
            teams(routes, "POST", "/users/{id}/presence/" + change, this::locate);
        }
        teams(routes, "POST", "/communications/getPresencesByUserId", this::presences);
        teams(routes, "POST", "/users/{id}/onlineMeetings", this::makeMeeting);
        teams(routes, "GET", "/users/{id}/onlineMeetings/getAllRecordings", Organisation::none);
        teams(routes, "GET", "/users/{id}/onlineMeetings/getAllTranscripts", Organisation::none);
        teams(routes, "GET", "/users/{id}/teamwork/installedApps", Organisation::none);
        teams(routes, "GET", "/appCatalogs/teamsApps", this::apps);
        teams(routes, "POST", "/appCatalogs/teamsApps", this::publish);
        teams(routes, "GET", "/appCatalogs/teamsApps/{id}/installations", this::installations);
        teams(routes, "GET", "/appCatalogs/teamsApps/{id}/appDefinitions/{id}/installations", this::installations);
        teams(routes, "DELETE", "/appCatalogs/teamsApps/{id}", this::withdraw);
        teams(routes, "POST", "/appCatalogs/teamsApps/{id}/appDefinitions", this::publishVersion);
        entra(routes, "GET", "/groups", this::groups);
        entra(routes, "GET", "/users/delta", Organisation::none);
        entra(routes, "GET", "/users/{id}/memberOf", Organisation::none);
        entra(routes, "GET", "/users/{id}/manager", this::manager);
        entra(routes, "GET", "/organization", this::organization);
    }

    private static void teams(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.TEAMS, handler));
    }

    private static void entra(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.DIRECTORY, handler));
    }

    private static Reply none(Call call) {
        return page(call, List.of());
    }

    private static Reply page(Call call, List<ObjectNode> entries) {
        ObjectNode page =
                Json.object().put("@odata.context", call.context(call.template().substring(1)));
        ArrayNode value = page.putArray("value");
        entries.forEach(value::add);
        return Reply.ok(page);
    }

    private Reply presence(Call call) {
        return Reply.ok(presence(user(call)));
    }

    private static ObjectNode presence(UserAccount user) {
        return Json.object()
                .put("id", user.oid())
                .put("availability", "Available")
                .put("activity", "Available");
    }

    /** Where somebody is, only he himself says. */
    private Reply locate(Call call) {
        if (!user(call).oid().equals(call.caller().id())) {
            throw GraphError.forbidden("The location of the signed-in user only can be changed.");
        }
        return Reply.noContent();
    }

    private Reply presences(Call call) {
        List<ObjectNode> found = new ArrayList<>();
        call.body().path("ids").forEach(id -> directory
                .userByOid(id.asText())
                .map(Organisation::presence)
                .ifPresent(found::add));
        return page(call, found);
    }

    private Reply makeMeeting(Call call) {
        UserAccount organizer = user(call);
        if (!call.caller().isApp() && !organizer.oid().equals(call.caller().id())) {
            throw GraphError.forbidden("The signed-in user is not the organizer.");
        }
        String id = UUID.randomUUID().toString();
        return Reply.created(Json.object()
                .put("id", id)
                .put("subject", call.body().path("subject").asText(""))
                .put("joinWebUrl", "https://teams.microsoft.com/l/meetup-join/" + id));
    }

    private Reply apps(Call call) {
        return page(
                call,
                catalogue.stream()
                        .map(id -> Json.object().put("id", id).put("distributionMethod", "organization"))
                        .toList());
    }

    private Reply publish(Call call) {
        checkPackage(call);
        String id = UUID.randomUUID().toString();
        catalogue.add(id);
        return Reply.created(Json.object().put("id", id).put("distributionMethod", "organization"));
    }

    private Reply publishVersion(Call call) {
        requireInCatalogue(call);
        checkPackage(call);
        return Reply.created(
                Json.object().put("id", UUID.randomUUID().toString()).put("teamsAppId", call.id(0)));
    }

    private Reply installations(Call call) {
        requireInCatalogue(call);
        return none(call);
    }

    private static void checkPackage(Call call) {
        boolean zip =
                call.header("Content-Type").filter("application/zip"::equals).isPresent();
        if (!zip || call.rawBody().length == 0) {
            throw GraphError.badRequest("The app package is missing.");
        }
    }

    private Reply withdraw(Call call) {
        requireInCatalogue(call);
        catalogue.remove(call.id(0));
        return Reply.noContent();
    }

    private void requireInCatalogue(Call call) {
        if (!catalogue.contains(call.id(0))) {
            throw GraphError.notFound("No app with id " + call.id(0));
        }
    }

    /** Each team is a group. */
    private Reply groups(Call call) {
        return page(call, List.of(Json.object().put("id", Seed.TEAM_ID).put("displayName", Seed.TEAM_NAME)));
    }

    /** Ada leads, and nobody leads her. */
    private Reply manager(Call call) {
        if (user(call).oid().equals(Seed.ADA_OID)) {
            throw GraphError.directoryObjectNotFound("manager");
        }
        return Reply.ok(Json.object().put("id", Seed.ADA_OID).put("userPrincipalName", Seed.ADA));
    }

    private Reply organization(Call call) {
        return page(call, List.of(Json.object().put("id", Seed.TENANT_ID).put("displayName", "Contoso")));
    }

    private UserAccount user(Call call) {
        return Optional.of(call.owner())
                .flatMap(directory::user)
                .filter(found -> found.tenant().id().equals(call.caller().tenantId()))
                .orElseThrow(() -> GraphError.directoryObjectNotFound(call.owner()));
    }
}
