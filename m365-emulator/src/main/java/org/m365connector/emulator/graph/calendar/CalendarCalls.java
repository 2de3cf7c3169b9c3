package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;

/** Somebody's calendars, not what is in them. */
final class CalendarCalls {

    private static final Properties PROPERTIES = new Properties(
            "microsoft.graph.calendar",
            "id",
            "canEdit",
            "canShare",
            "canViewPrivateItems",
            "color",
            "isDefaultCalendar",
            "isRemovable",
            "name",
            "owner");

    private final Calendars calendars;

    CalendarCalls(Calendars calendars) {
        this.calendars = calendars;
    }

    void addTo(RouteTable routes) {
        add(routes, "GET", "/users/{id}/calendars", this::list);
        add(routes, "POST", "/users/{id}/calendars", this::post);
        add(routes, "GET", "/users/{id}/calendar", this::get);
        add(routes, "GET", "/users/{id}/calendars/{id}", this::get);
        add(routes, "DELETE", "/users/{id}/calendars/{id}", this::delete);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private Reply list(Call call) {
        CalendarBook book = calendars.book(call.caller(), call.owner());
        ObjectNode page = Json.object().put("@odata.context", call.context("users/calendars"));
        ArrayNode value = page.putArray("value");
        book.own().forEach(calendar -> value.add(shown(new Calendars.Opened(calendar, calendar.id(), false), call)));
        book.received().forEach((id, calendar) -> value.add(shown(new Calendars.Opened(calendar, id, true), call)));
        return Reply.ok(page);
    }

    private Reply get(Call call) {
        return entity(call, calendars.opened(call));
    }

    private Reply post(Call call) {
        ObjectNode input = call.body();
        PROPERTIES.check(input);
        String name = input.path("name").asText("");
        if (name.isBlank()) {
            throw GraphError.of(400, "ErrorPropertyValidationFailure", "At least one property failed validation.");
        }
        Calendar made = calendars.book(call.caller(), call.owner()).make(name);
        return Reply.created(shownWithContext(call, new Calendars.Opened(made, made.id(), false)));
    }

    /** One that somebody else has shared only leaves the list. */
    private Reply delete(Call call) {
        calendars.delete(call.caller(), call.owner(), call.id(1));
        return Reply.noContent();
    }

    /** One of them. */
    static Reply entity(Call call, Calendars.Opened opened) {
        return Reply.ok(shownWithContext(call, opened));
    }

    private static ObjectNode shownWithContext(Call call, Calendars.Opened opened) {
        ObjectNode entity = Json.object().put("@odata.context", call.context("users/calendars/$entity"));
        return entity.setAll(shown(opened, call));
    }

    private static ObjectNode shown(Calendars.Opened opened, Call call) {
        Calendar calendar = opened.calendar();
        UserAccount owner = calendar.owner();
        boolean own = !opened.shared();
        ObjectNode shown = Json.object()
                .put("id", opened.id())
                .put("name", own ? calendar.name() : owner.displayName())
                .put("color", "auto")
                .put("isDefaultCalendar", own && calendar.isStandard())
                .put("isRemovable", !(own && calendar.isStandard()))
                .put("canShare", own)
                .put("canViewPrivateItems", own)
                .put("canEdit", own);
        shown.putObject("owner").put("name", owner.displayName()).put("address", owner.upn());
        return Properties.only(shown, PROPERTIES.select(call.query()));
    }
}
