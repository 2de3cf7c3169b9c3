package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.m365connector.emulator.graph.drives.Drive.Conflict;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.transfer.Transfers;

/** What is in the files of drives, up and down. */
final class FileCalls {

    private static final String CONFLICT = "@microsoft.graph.conflictBehavior";

    private final Drives drives;
    private final Transfers transfers;
    private final Switches switches;

    FileCalls(Drives drives, Transfers transfers, Switches switches) {
        this.drives = drives;
        this.transfers = transfers;
        this.switches = switches;
    }

    Reply download(Call call) {
        Content content =
                drives.opened(call).item(DriveCalls.address(call)).content().orElseThrow(DriveErrors::noContent);
        return new Reply(302, Optional.empty(), Map.of("Location", transfers.offer(call, content.bytes())));
    }

    /** A small file, at once. */
    Reply upload(Call call) {
        Drive drive = drives.opened(call);
        Drive.Place place = drive.place(DriveCalls.address(call), Optional.empty());
        Drive.Stored stored = drive.store(place, Conflict.REPLACE, Content.of(call.rawBody()));
        ObjectNode item = drive.shown(stored.item());
        return stored.isNew() ? Reply.created(item) : Reply.ok(item);
    }

    Reply createUploadSession(Call call) {
        Drive drive = drives.opened(call);
        ObjectNode body = call.body();
        JsonNode item = member(body, "item").orElse(Json.object());
        Optional<String> name = Optional.of(item.path("name").asText("")).filter(text -> !text.isBlank());
        Drive.Place place = drive.place(DriveCalls.address(call), name);
        Conflict conflict = conflict(item.path(CONFLICT).asText("fail"));
        OptionalLong size = item.path("fileSize").isIntegralNumber()
                ? OptionalLong.of(item.path("fileSize").asLong())
                : OptionalLong.empty();
        Transfers.Opened opened = transfers.open(
                call,
                new DriveUpload(
                        switches.number("uploads.drivePiece.most"),
                        switches.number("uploads.drivePiece.multiple"),
                        size,
                        member(body, "deferCommit").map(JsonNode::asBoolean).orElse(false),
                        content -> drive.store(place, conflict, Content.of(content)),
                        drive::shown));
        ObjectNode session = Json.object()
                .put("@odata.context", call.context("microsoft.graph.uploadSession"))
                .put("uploadUrl", opened.url())
                .put("expirationDateTime", Json.millis(opened.expires()));
        session.putArray("nextExpectedRanges").add("0-");
        return Reply.ok(session);
    }

    private static Conflict conflict(String word) {
        try {
            return Conflict.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw DriveErrors.invalid("There is no conflict behavior '" + word + "'.");
        }
    }

    /** Parameters of actions are written with a small letter in the documentation, and in any way by clients. */
    private static Optional<JsonNode> member(ObjectNode body, String name) {
        return body.properties().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
