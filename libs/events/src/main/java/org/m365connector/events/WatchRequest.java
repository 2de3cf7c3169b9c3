package org.m365connector.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Data of the action {@code watch-request.v1}: the same members as the body of {@code POST …/watches}, but for whom it is on behalf
 * of, which the event's attributes {@code portaluser} and {@code account} say. Its result has the watch's id as {@code ids.watchId};
 * the same action makes the same watch.
 *
 * @param kind {@code mail-folder}, {@code mailbox}, {@code contacts}, {@code drive}, {@code channel} …
 * @param resource what is watched, by the members of its kind
 * @param filter of mails: {@code from}, {@code to}, {@code subject}, {@code attachments}, {@code unread}
 * @param content whether changes hold what people wrote
 * @param includeOwn whether what the portal's own actions have made is told too
 */
public record WatchRequest(
        String kind,
        JsonNode resource,
        Optional<JsonNode> filter,
        boolean content,
        boolean includeOwn,
        boolean richNotifications) {

    public static final String TYPE = "watch-request.v1";

    public WatchRequest {
        if (kind == null || kind.isBlank()) {
            throw new IllegalArgumentException("kind is missing");
        }
        if (resource == null || !resource.isObject()) {
            throw new IllegalArgumentException("resource is missing");
        }
        filter = filter == null ? Optional.empty() : filter.filter(given -> !given.isNull());
    }
}
