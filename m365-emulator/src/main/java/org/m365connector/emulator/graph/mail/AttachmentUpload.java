package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.transfer.Upload;

/**
 * A large attachment on its way to a mail. Outlook writes its answers with capitals, and of what is expected only where it
 * begins (https://learn.microsoft.com/graph/outlook-large-attachments).
 *
 * @param storing puts it to the mail and tells its address
 */
record AttachmentUpload(String context, int longestPiece, OptionalLong size, Function<byte[], String> storing)
        implements Upload {

    @Override
    public int pieceMultiple() {
        return 1;
    }

    @Override
    public boolean isCommittedApart() {
        return false;
    }

    @Override
    public Reply underWay(Instant expires, long received) {
        ObjectNode session = Json.object()
                .put("@odata.context", context + "/AttachmentSessions/$entity")
                .put("ExpirationDateTime", Json.millis(expires));
        session.putArray("NextExpectedRanges").add(Long.toString(received));
        return Reply.ok(session);
    }

    @Override
    public Reply state(Instant expires, long received) {
        return underWay(expires, received);
    }

    @Override
    public Reply store(byte[] content) {
        return new Reply(201, Optional.empty(), Map.of("Location", storing.apply(content)));
    }
}
