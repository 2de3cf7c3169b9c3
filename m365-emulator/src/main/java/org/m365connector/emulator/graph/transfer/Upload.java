package org.m365connector.emulator.graph.transfer;

import java.time.Instant;
import java.util.OptionalLong;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Reply;

/** What an upload in pieces becomes, and how the service behind it speaks: OneDrive and Outlook differ in most of it. */
public interface Upload {

    /** Bytes that a piece has at most. */
    int longestPiece();

    /** What the length of each piece but the last is a multiple of. */
    int pieceMultiple();

    /** Bytes of the whole, where they were said before. */
    OptionalLong size();

    /** Whether the client says that it is over; otherwise it is with the last piece. */
    boolean isCommittedApart();

    /** A piece has come, and others are missing. */
    Reply underWay(Instant expires, long received);

    /** To who asks. */
    Reply state(Instant expires, long received);

    /** @throws GraphError where it cannot be stored; the session goes on then */
    Reply store(byte[] content);
}
