package org.m365connector.events;

import java.util.Optional;

/**
 * One item that Graph pushed: a hint that a container has changed, key the watch.
 *
 * @param changeType {@code created}, {@code updated}, {@code deleted}; empty for a lifecycle notification
 * @param etag version of the resource, where it was named; never of one that was deleted
 * @param lifecycleEvent {@code reauthorizationRequired}, {@code subscriptionRemoved}, {@code missed}
 * @param content the resource itself, encrypted; only where the watch wants notifications with it
 */
public record NotificationHint(
        String watch,
        String subscriptionId,
        Optional<String> changeType,
        Optional<String> resource,
        Optional<String> etag,
        Optional<String> lifecycleEvent,
        Optional<EncryptedResource> content) {

    public static final String TYPE = "notification-received.v1";

    public NotificationHint {
        changeType = changeType == null ? Optional.empty() : changeType;
        resource = resource == null ? Optional.empty() : resource;
        etag = etag == null ? Optional.empty() : etag;
        lifecycleEvent = lifecycleEvent == null ? Optional.empty() : lifecycleEvent;
        content = content == null ? Optional.empty() : content;
    }

    /** Without its version and the resource itself. */
    public NotificationHint(
            String watch,
            String subscriptionId,
            Optional<String> changeType,
            Optional<String> resource,
            Optional<String> lifecycleEvent) {
        this(watch, subscriptionId, changeType, resource, Optional.empty(), lifecycleEvent, Optional.empty());
    }
}
