package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Opaque;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.switches.Switches;

/** Pages of Teams: {@code $top} up to a bound, then a skip token. */
public final class Paging {

    private final Switches switches;
    private final String limits;
    private final Opaque opaque = new Opaque();

    /** Where a page begins. */
    record Place(int from) {}

    /** @param limits path of the switches {@code default} and {@code max} */
    public Paging(Switches switches, String limits) {
        this.switches = switches;
        this.limits = limits;
    }

    public Reply page(Call call, String context, List<ObjectNode> all) {
        checkTop(call.query(), switches.number(limits + ".max"));
        int size = call.query().number("top", 1).orElse(switches.number(limits + ".default"));
        int from = call.query()
                .text("skiptoken")
                .map(token ->
                        opaque.open(token, Place.class).orElseThrow(() -> GraphError.badRequest("Invalid skip token.")))
                .map(Place::from)
                .orElse(0);
        int start = Math.min(from, all.size());
        int end = Math.min(start + size, all.size());
        ObjectNode page = Json.object().put("@odata.context", call.context(context));
        page.put("@odata.count", end - start);
        if (end < all.size()) {
            page.put("@odata.nextLink", call.link(call.query().with("skiptoken", skipToken(end))));
        }
        ArrayNode value = page.putArray("value");
        all.subList(start, end).forEach(value::add);
        return Reply.ok(page);
    }

    /** For a link to the page that begins there. */
    public String skipToken(int from) {
        return opaque.seal(new Place(from));
    }

    public static void onlyOptions(Query query, Set<String> supported) {
        for (String name : query.names()) {
            if (!supported.contains(name)) {
                throw GraphError.badRequest("Query option '" + name + "' is not allowed. To allow it, set the"
                        + " 'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings.");
            }
        }
    }

    public static void checkTop(Query query, int max) {
        int top = query.number("top", 1).orElse(1);
        if (top > max) {
            throw GraphError.badRequest("The limit of '" + max + "' for Top query has been exceeded. The value from the"
                    + " incoming request is '" + top + "'.");
        }
    }
}
