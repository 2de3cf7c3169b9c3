package org.m365connector.sync.change;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A resource as a delta page shows it.
 *
 * @param path below Graph's version
 * @param removed it is gone, from Graph or from this container
 * @param etag names the version; empty where it was removed
 * @param resource what the portal is told
 * @param fields members by which an update is described, as text
 * @param series id of the series that it is an occurrence of: the two share a version, so that another one is news only where
 *     {@code fields} differ, and what a page shows of a series but for one of its occurrences is a reason to look for that
 */
public record Item(
        String id,
        String path,
        boolean removed,
        String etag,
        Instant createdAt,
        Instant modifiedAt,
        JsonNode resource,
        Map<String, String> fields,
        Optional<String> series) {

    /** Member of the resource that holds what people wrote; told only where a watch wants it. */
    public static final String BODY = "body";

    /** What is no occurrence of a series. */
    public Item(
            String id,
            String path,
            boolean removed,
            String etag,
            Instant createdAt,
            Instant modifiedAt,
            JsonNode resource,
            Map<String, String> fields) {
        this(id, path, removed, etag, createdAt, modifiedAt, resource, fields, Optional.empty());
    }

    /** Shown in another way. */
    public Item with(JsonNode otherResource) {
        return new Item(id, path, removed, etag, createdAt, modifiedAt, otherResource, fields, series);
    }

    /** Leaves out what people wrote. */
    @Override
    public String toString() {
        return "Item[id=" + id + ", removed=" + removed + ", etag=" + etag + "]";
    }
}
