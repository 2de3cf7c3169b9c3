package org.m365connector.emulator.graph.contacts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.m365connector.emulator.graph.protocol.Json;

/** A contact. One id changes with every move, the other one stays. */
final class Contact {

    final String immutableId;
    final ObjectNode entity;
    String id;
    String folderId;
    /** Position in the history at which it came to this folder. */
    long cameAt;
    /** Position of its last change. */
    long changedAt;

    Contact(String immutableId, ObjectNode entity) {
        this.immutableId = immutableId;
        this.entity = entity;
    }

    String id(boolean immutable) {
        return immutable ? immutableId : id;
    }

    String etag() {
        return "W/\"" + entity.path("changeKey").asText() + "\"";
    }

    ObjectNode shown(boolean immutable) {
        ObjectNode shown = Json.object().put("@odata.etag", etag()).put("id", id(immutable));
        shown.setAll(entity.deepCopy());
        return shown.put("parentFolderId", folderId);
    }
}
