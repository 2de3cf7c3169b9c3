package org.m365connector.outbox;

import java.util.Optional;
import org.m365connector.events.PortalId;

/**
 * What identifies an event to a reader.
 *
 * @param portal of the topic's name, never of the payload; empty for topics of the suite itself
 * @param source the CloudEvent's source
 * @param id the CloudEvent's id
 */
public record EventKey(Optional<PortalId> portal, String source, String id) {}
