package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A mail in a mailbox. {@code entity} holds everything but the id, which depends on what the client prefers. */
final class MailItem {

    final String immutableId;
    final ObjectNode entity;
    String id;
    MailFolder folder;
    /** Position in the mailbox's history at which it came to this folder. */
    long cameAt;
    /** Position of its last change. */
    long changedAt;
    /** Handed over for sending, and not yet gone. */
    boolean leaving;

    MailItem(String id, String immutableId, ObjectNode entity, MailFolder folder) {
        this.id = id;
        this.immutableId = immutableId;
        this.entity = entity;
        this.folder = folder;
    }

    String id(boolean immutable) {
        return immutable ? immutableId : id;
    }

    String etag() {
        return "W/\"" + entity.path("changeKey").asText() + "\"";
    }

    boolean isDraft() {
        return entity.path("isDraft").asBoolean();
    }
}
