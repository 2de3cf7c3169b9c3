package org.m365connector.emulator.graph.transfer;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Reply;

/** One file on its way, piece by piece and in order (https://learn.microsoft.com/graph/api/driveitem-createuploadsession). */
final class UploadSession {

    private final Upload upload;
    private final Instant expires;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private OptionalLong total;

    UploadSession(Upload upload, Instant expires) {
        this.upload = upload;
        this.expires = expires;
        this.total = upload.size();
    }

    Instant expires() {
        return expires;
    }

    Reply state() {
        return upload.state(expires, received.size());
    }

    /** @return the answer, and whether the session has ended with it */
    Outcome put(Optional<ContentRange> said, byte[] piece) {
        ContentRange range =
                said.orElseThrow(() -> GraphError.of(400, "invalidRequest", "Invalid Content-Range header value"));
        check(range, piece.length);
        received.writeBytes(piece);
        total = OptionalLong.of(range.total());
        if (!range.endsTheWhole() || upload.isCommittedApart()) {
            return new Outcome(upload.underWay(expires, received.size()), false);
        }
        return stored();
    }

    /** The client says that this was all. */
    Outcome commit() {
        if (total.isEmpty() || received.size() < total.getAsLong()) {
            throw GraphError.of(400, "invalidRequest", "The upload session is not complete.")
                    .withInner(Map.of("code", "uploadSessionIncomplete"));
        }
        return stored();
    }

    record Outcome(Reply reply, boolean over) {}

    private Outcome stored() {
        return new Outcome(upload.store(received.toByteArray()), true);
    }

    private void check(ContentRange range, int length) {
        if (range.length() != length) {
            throw GraphError.of(
                            400,
                            "invalidRequest",
                            "The Content-Range header length does not match the provided number of bytes.")
                    .withInner(Map.of("code", "fragmentLengthMismatch"));
        }
        if (length > upload.longestPiece()) {
            throw GraphError.of(413, "invalidRequest", "The fragment is too large.")
                    .withInner(Map.of("code", "maxFragmentLengthExceeded"));
        }
        if (total.isPresent() && total.getAsLong() != range.total()) {
            throw GraphError.of(400, "invalidRequest", "The total size differs from what was said before.");
        }
        if (range.first() < received.size()) {
            throw GraphError.of(
                            416,
                            "invalidRange",
                            "The uploaded fragment overlaps with data that has already been received.")
                    .withInner(Map.of("code", "fragmentOverlap"));
        }
        if (range.first() > received.size()) {
            throw GraphError.of(416, "invalidRange", "The uploaded fragment is out of order.")
                    .withInner(Map.of("code", "fragmentOutOfOrder"));
        }
        if (!range.endsTheWhole() && length % upload.pieceMultiple() != 0) {
            throw GraphError.of(
                    400,
                    "invalidRequest",
                    "The length of each fragment but the last must be a multiple of " + upload.pieceMultiple() + ".");
        }
    }
}
