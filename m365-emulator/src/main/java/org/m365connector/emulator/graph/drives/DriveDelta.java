package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaSource;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * All items of a drive, the root among them. An item shows itself with all its properties but the path of its parent; what is
 * deleted shows hardly anything. Folders above a change come along, in the version that they had.
 */
final class DriveDelta implements DeltaSource {

    private static final Set<String> SUPPORTED = Set.of("select", "top", "expand", "token");

    private final Drive drive;
    private final Switches switches;

    DriveDelta(Drive drive, Switches switches) {
        this.drive = drive;
        this.switches = switches;
    }

    @Override
    public String container() {
        return drive.id() + "/root";
    }

    @Override
    public long position() {
        return drive.position();
    }

    @Override
    public String type() {
        return "driveItem";
    }

    @Override
    public boolean oneToken() {
        return true;
    }

    @Override
    public void check(Query options) {
        for (String name : options.names()) {
            if (!SUPPORTED.contains(name)) {
                throw DriveErrors.invalid("$" + name + " is not supported with delta.");
            }
        }
    }

    @Override
    public List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call) {
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        if (since != BEGINNING) {
            for (Drive.Departure departure : drive.departures()) {
                if (departure.leftAt() > since && departure.cameAt() <= since) {
                    entries.add(later -> Optional.of(deleted(departure)));
                }
            }
        }
        drive.items().stream()
                .filter(item -> item.changedAt > since)
                .sorted(Comparator.comparingLong(item -> item.changedAt))
                .forEach(item -> entries.add(later -> drive.find(item.id).map(this::shown)));
        return entries;
    }

    private ObjectNode shown(DriveItem item) {
        ObjectNode shown = drive.shown(item);
        if (shown.path("parentReference") instanceof ObjectNode reference) {
            reference.remove("path");
        }
        return shown;
    }

    private ObjectNode deleted(Drive.Departure departure) {
        ObjectNode deleted = Json.object().put("id", departure.id());
        deleted.putObject("parentReference").put("driveId", drive.id()).put("id", departure.parentId());
        deleted.putObject("deleted").put("state", "deleted");
        return deleted;
    }

    @Override
    public int pageSize(Query options, Call call) {
        return options.number("top", 1).orElse(switches.number("paging.driveItems.default"));
    }

    /** What the client has may be newer or gone: it is to be replaced by what it is shown from the beginning. */
    @Override
    public GraphError gone(Call call) {
        return GraphError.of(
                        410,
                        "resyncRequired",
                        "Resync required. Replace any local items with the server's version (including deletes) if you're"
                                + " sure that the service was up to date with your local changes when you last sync'd."
                                + " Upload any local changes that the server doesn't know about.")
                .withInner(Map.of("code", "resyncChangesApplyDifferences"))
                .withHeader("Location", call.link(""));
    }
}
