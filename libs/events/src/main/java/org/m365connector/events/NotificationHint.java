package org.m365connector.events;

import java.util.Optional;

/**
 * One item that Graph pushed: a hint that a container has changed, key the watch.
 *
 * @param changeType {@code created}, {@code updated}, {@code deleted}; empty for a lifecycle notification
 * @param lifecycleEvent {@code reauthorizationRequired}, {@code subscriptionRemoved}, {@code missed}
 * @param content the resource itself, encrypted; only where the watch wants notifications with it
 */
public record NotificationHint(
        String watch,
        String subscriptionId,
        Optional<String> changeType,
        Optional<String> resource,
        Optional<String> lifecycleEvent,
        Optional<EncryptedResource> content) {

    public static final String TYPE = "notification-received.v1";

    public NotificationHint {
        changeType = changeType == null ? Optional.empty() : changeType;
        resource = resource == null ? Optional.empty() : resource;
        lifecycleEvent = lifecycleEvent == null ? Optional.empty() : lifecycleEvent;
        content = content == null ? Optional.empty() : content;
    }

    /** Without the resource itself. */
    public NotificationHint(
            String watch,
            String subscriptionId,
            Optional<String> changeType,
            Optional<String> resource,
            Optional<String> lifecycleEvent) {
        this(watch, subscriptionId, changeType, resource, lifecycleEvent, Optional.empty());
    }
}
