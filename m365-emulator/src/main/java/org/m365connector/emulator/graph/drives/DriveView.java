package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Json;

/** How Graph shows a drive and what is in it. */
record DriveView(UserAccount owner, String driveId) {

    ObjectNode drive() {
        ObjectNode shown = Json.object()
                .put("id", driveId)
                .put("driveType", type())
                .put("name", "OneDrive")
                .put("webUrl", webUrl());
        shown.putObject("owner").putObject("user").put("id", owner.oid()).put("displayName", owner.displayName());
        return shown;
    }

    /** The item as its own call shows it. */
    ObjectNode item(DriveItem item) {
        ObjectNode shown =
                Json.object().put("id", item.id).put("eTag", item.etag()).put("cTag", item.ctag());
        shown.setAll(item.entity.deepCopy());
        shown.put("webUrl", webUrl() + item.path());
        for (String who : List.of("createdBy", "lastModifiedBy")) {
            shown.putObject(who).putObject("user").put("id", owner.oid()).put("displayName", owner.displayName());
        }
        ObjectNode reference =
                shown.putObject("parentReference").put("driveType", type()).put("driveId", driveId);
        item.parent().ifPresent(above -> reference.put("id", above.id).put("path", "/drive/root:" + above.path()));
        if (shown.path("folder") instanceof ObjectNode folder) {
            folder.put("childCount", item.children().size());
            shown.put("size", item.size());
        }
        return shown;
    }

    private String webUrl() {
        return "https://contoso-my.example/personal/" + owner.oid() + "/Documents";
    }

    private String type() {
        return owner.tenant().personal() ? "personal" : "business";
    }
}
