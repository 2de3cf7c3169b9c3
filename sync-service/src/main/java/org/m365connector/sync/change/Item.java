package org.m365connector.sync.change;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/**
 * A resource as a delta page shows it.
 *
 * @param path below Graph's version
 * @param removed it is gone, from Graph or from this container
 * @param etag names the version; empty where it was removed
 * @param resource what the portal is told
 * @param fields members by which an update is described, as text
 */
public record Item(
        String id,
        String path,
        boolean removed,
        String etag,
        Instant createdAt,
        Instant modifiedAt,
        JsonNode resource,
        Map<String, String> fields) {

    /** Leaves out what people wrote. */
    @Override
    public String toString() {
        return "Item[id=" + id + ", removed=" + removed + ", etag=" + etag + "]";
    }
}
