package org.m365connector.emulator.graph.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** What the deltas of a mailbox's containers say in the same words. */
public final class OutlookDelta {

    private OutlookDelta() {}

    /** What has left the container, wherever it went. */
    public static ObjectNode removed(String id) {
        ObjectNode removed = Json.object().put("id", id);
        removed.putObject("@removed").put("reason", "deleted");
        return removed;
    }

    public static GraphError unsupported(String resource, String option) {
        return GraphError.of(
                400,
                "ErrorInvalidUrlQuery",
                "The following parameters are not supported with change tracking over the '" + resource
                        + "' resource: '$" + option + "'.");
    }

    public static GraphError gone(Call call) {
        return GraphError.of(
                        410,
                        "SyncStateNotFound",
                        "The sync state generation is not found; generation=1609;[highest=1612].")
                .withHeader("Location", call.link("$deltatoken="));
    }
}
