package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;

/** Everybody has one calendar, and it is empty. */
public final class Calendars {

    private final Directory directory;

    public Calendars(Directory directory) {
        this.directory = directory;
    }

    public void addTo(RouteTable routes) {
        add(routes, "GET", "/users/{id}/events", call -> {
            owner(call);
            return empty(call);
        });
        add(routes, "GET", "/users/{id}/calendars", this::calendars);
        add(routes, "POST", "/users/{id}/calendar/getSchedule", call -> {
            owner(call);
            return empty(call);
        });
        add(routes, "POST", "/users/{id}/findMeetingTimes", this::meetingTimes);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private static Reply empty(Call call) {
        ObjectNode page =
                Json.object().put("@odata.context", call.context(call.template().substring(1)));
        page.putArray("value");
        return Reply.ok(page);
    }

    private Reply calendars(Call call) {
        UserAccount owner = owner(call);
        ObjectNode page = Json.object().put("@odata.context", call.context("users('" + owner.oid() + "')/calendars"));
        page.putArray("value")
                .addObject()
                .put("id", "AAMkAG-" + owner.oid() + "=")
                .put("name", "Calendar")
                .put("isDefaultCalendar", true);
        return Reply.ok(page);
    }

    private Reply meetingTimes(Call call) {
        owner(call);
        ObjectNode found = Json.object()
                .put("@odata.context", call.context("microsoft.graph.meetingTimeSuggestionsResult"))
                .put("emptySuggestionsReason", "");
        found.putArray("meetingTimeSuggestions");
        return Reply.ok(found);
    }

    /** His own, or any of the tenant for an app. */
    private UserAccount owner(Call call) {
        UserAccount owner = directory
                .user(call.owner())
                .filter(account -> account.tenant().id().equals(call.caller().tenantId()))
                .orElseThrow(() -> GraphError.invalidUser(call.owner()));
        if (!call.caller().isApp() && !owner.oid().equals(call.caller().id())) {
            throw GraphError.outlookAccessDenied();
        }
        return owner;
    }
}
