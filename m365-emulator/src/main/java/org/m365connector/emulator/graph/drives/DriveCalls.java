package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Opaque;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.transfer.Transfers;

/** The calls of drives. A drive is reached by its owner or by its id, an item as {@link DriveAddress} says. */
final class DriveCalls {

    private static final Properties PROPERTIES = new Properties(
            "microsoft.graph.driveItem",
            "id",
            "cTag",
            "createdBy",
            "createdDateTime",
            "deleted",
            "eTag",
            "file",
            "fileSystemInfo",
            "folder",
            "lastModifiedBy",
            "lastModifiedDateTime",
            "name",
            "parentReference",
            "root",
            "size",
            "webUrl");

    private static final String ITEM = "/items/{id}";

    private final Drives drives;
    private final FileCalls files;
    private final DeltaRounds deltas;
    private final Switches switches;
    private final Opaque opaque = new Opaque();

    /** Where a page begins. */
    record Place(int from) {}

    DriveCalls(Drives drives, DeltaRounds deltas, Transfers transfers, Switches switches) {
        this.drives = drives;
        this.files = new FileCalls(drives, transfers, switches);
        this.deltas = deltas;
        this.switches = switches;
    }

    void addTo(RouteTable routes) {
        for (String drive : List.of("/users/{id}/drive", "/drives/{id}")) {
            add(routes, "GET", drive, this::drive);
            add(routes, "GET", drive + "/root", this::item);
            add(routes, "GET", drive + "/root/children", this::children);
            add(routes, "GET", drive + "/root/delta", this::delta);
            add(routes, "GET", drive + ITEM, this::item);
            add(routes, "PATCH", drive + ITEM, this::patch);
            add(routes, "DELETE", drive + ITEM, this::delete);
            add(routes, "GET", drive + ITEM + "/children", this::children);
            add(routes, "POST", drive + ITEM + "/children", this::makeFolder);
            add(routes, "GET", drive + ITEM + "/delta", this::delta);
            add(routes, "GET", drive + ITEM + "/content", files::download);
            add(routes, "PUT", drive + ITEM + "/content", files::upload);
            add(routes, "POST", drive + ITEM + "/createUploadSession", files::createUploadSession);
        }
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.ONEDRIVE, handler));
    }

    /** Of the item that is meant. */
    static String address(Call call) {
        return call.template().contains(ITEM) ? call.id(1) : "root";
    }

    private Reply drive(Call call) {
        ObjectNode shown = Json.object().put("@odata.context", call.context("drives/$entity"));
        return Reply.ok(shown.setAll(drives.opened(call).shown()));
    }

    private Reply item(Call call) {
        Drive drive = drives.opened(call);
        return shown(call, drive, drive.item(address(call)));
    }

    private static Reply shown(Call call, Drive drive, DriveItem item) {
        ObjectNode shown = Json.object().put("@odata.context", call.context("driveItems/$entity"));
        return Reply.ok(shown.setAll(Properties.only(drive.shown(item), PROPERTIES.select(call.query()))));
    }

    private Reply children(Call call) {
        Drive drive = drives.opened(call);
        List<DriveItem> all = drive.item(address(call)).children();
        int size = call.query().number("top", 1).orElse(switches.number("paging.driveItems.default"));
        int from = call.query()
                .text("skiptoken")
                .map(token -> opaque.open(token, Place.class)
                        .orElseThrow(() -> DriveErrors.invalid("The skip token is not valid."))
                        .from())
                .orElse(0);
        int start = Math.min(from, all.size());
        int end = Math.min(start + size, all.size());
        ObjectNode page = Json.object().put("@odata.context", call.context("Collection(driveItem)"));
        page.put("@odata.count", all.size());
        if (end < all.size()) {
            page.put("@odata.nextLink", call.link(call.query().with("skiptoken", opaque.seal(new Place(end)))));
        }
        List<String> selected = PROPERTIES.select(call.query());
        ArrayNode value = page.putArray("value");
        all.subList(start, end).forEach(item -> value.add(Properties.only(drive.shown(item), selected)));
        return Reply.ok(page);
    }

    private Reply makeFolder(Call call) {
        Drive drive = drives.opened(call);
        ObjectNode body = call.body();
        if (!body.path("folder").isObject()) {
            throw DriveErrors.invalid("Only folders can be made in this way.");
        }
        DriveItem made = drive.add(drive.item(address(call)), body.path("name").asText(""), Optional.empty());
        ObjectNode shown = Json.object().put("@odata.context", call.context("driveItems/$entity"));
        return Reply.created(shown.setAll(drive.shown(made)));
    }

    /** Another name, another folder, or both. */
    private Reply patch(Call call) {
        Drive drive = drives.opened(call);
        DriveItem item = drive.item(address(call));
        ObjectNode body = call.body();
        PROPERTIES.check(body);
        checkVersion(call, item);
        String folder = body.path("parentReference").path("id").asText("");
        if (!folder.isEmpty()) {
            drive.move(item, drive.item(folder));
        }
        if (body.path("name").isTextual()) {
            drive.rename(item, body.get("name").textValue());
        }
        return shown(call, drive, item);
    }

    private Reply delete(Call call) {
        Drive drive = drives.opened(call);
        DriveItem item = drive.item(address(call));
        checkVersion(call, item);
        drive.remove(item);
        return Reply.noContent();
    }

    private static void checkVersion(Call call, DriveItem item) {
        String wanted = call.header("If-Match").orElse("*");
        if (!wanted.equals("*") && !wanted.equals(item.etag()) && !wanted.equals(item.ctag())) {
            throw GraphError.of(412, "resourceModified", "ETag does not match current item's value");
        }
    }

    /** Microsoft's clients spell it {@code items/root/delta}. Below another folder there is none. */
    private Reply delta(Call call) {
        Drive drive = drives.opened(call);
        if (drive.item(address(call)) != drive.root()) {
            throw DriveErrors.invalid("Delta is only supported on the root of a drive.");
        }
        return deltas.page(call, new DriveDelta(drive, switches));
    }
}
