package org.m365connector.emulator.graph.change;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/** One version of one thing: it came, changed or went. */
public sealed interface Change {

    ChangeType type();

    Instant at();

    /** The entity before; empty when it came. */
    Optional<ObjectNode> before();

    /** The entity now; empty when it went. */
    Optional<ObjectNode> after();

    /**
     * A mail in one folder. A move is a deletion in the one and a creation in the other.
     *
     * @param id the id that changes with every move
     * @param immutableId the id that does not
     * @param etag empty when it went
     */
    record Mail(
            ChangeType type,
            String tenantId,
            String mailbox,
            String folderId,
            String id,
            String immutableId,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {}

    /**
     * A message of a channel.
     *
     * @param replyToId the message it answers, if any
     */
    record ChannelMessage(
            ChangeType type,
            String tenantId,
            String teamId,
            String channelId,
            String id,
            Optional<String> replyToId,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {}
}
