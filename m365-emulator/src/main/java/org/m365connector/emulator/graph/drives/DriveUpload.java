package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.transfer.Upload;

/** A large file on its way to a drive. */
record DriveUpload(
        int longestPiece,
        int pieceMultiple,
        OptionalLong size,
        boolean isCommittedApart,
        Function<byte[], Drive.Stored> storing,
        Function<DriveItem, ObjectNode> shown)
        implements Upload {

    @Override
    public Reply underWay(Instant expires, long received) {
        return new Reply(202, Optional.of(session(expires, received)), Map.of());
    }

    @Override
    public Reply state(Instant expires, long received) {
        return Reply.ok(session(expires, received));
    }

    @Override
    public Reply store(byte[] content) {
        Drive.Stored stored = storing.apply(content);
        ObjectNode item = shown.apply(stored.item());
        return stored.isNew() ? Reply.created(item) : Reply.ok(item);
    }

    private ObjectNode session(Instant expires, long received) {
        ObjectNode session = Json.object().put("expirationDateTime", Json.millis(expires));
        ArrayNode expected = session.putArray("nextExpectedRanges");
        if (size.isEmpty() || received < size.getAsLong()) {
            expected.add(received + "-");
        }
        return session;
    }
}
