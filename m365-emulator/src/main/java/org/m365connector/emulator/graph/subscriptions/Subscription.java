package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.Json;

/** A subscription of an app, on a user's or on its own behalf. */
final class Subscription {

    final String id;
    final String resource;
    final Target target;
    private final String targetName;
    final Set<ChangeType> changeTypes;
    final String changeTypeText;
    final String applicationId;
    final String tenantId;
    final String creatorId;
    final Optional<String> clientState;
    final Optional<String> lifecycleUrl;
    final boolean immutableIds;
    String notificationUrl;
    Instant grantedAt;
    Instant expiresAt;
    Instant authorizedAt;
    Instant tokenExpiresAt;
    boolean reauthorizationAsked;
    Optional<ResourceData> resourceData = Optional.empty();
    /** Scheme and host under which its creator saw us: what v2 tokens name as their issuer. */
    String authority = "";

    Subscription(
            String id,
            String resource,
            Target target,
            Set<ChangeType> changeTypes,
            String changeTypeText,
            Caller caller,
            Optional<String> clientState,
            String notificationUrl,
            Optional<String> lifecycleUrl,
            boolean immutableIds,
            Instant now,
            Instant expiresAt) {
        this.id = id;
        this.resource = resource;
        this.target = target;
        this.targetName = target.toString();
        this.changeTypes = Set.copyOf(changeTypes);
        this.changeTypeText = changeTypeText;
        this.applicationId = caller.clientId();
        this.tenantId = caller.tenantId();
        this.creatorId = caller.id();
        this.clientState = clientState;
        this.notificationUrl = notificationUrl;
        this.lifecycleUrl = lifecycleUrl;
        this.immutableIds = immutableIds;
        this.grantedAt = now;
        this.authorizedAt = now;
        this.expiresAt = expiresAt;
        this.tokenExpiresAt = caller.tokenExpiresAt();
    }

    /** Renewal is a reauthorisation too. */
    void renew(Instant now, Instant newExpiry, Caller caller) {
        grantedAt = now;
        expiresAt = newExpiry;
        reauthorize(now, caller);
    }

    void reauthorize(Instant now, Caller caller) {
        authorizedAt = now;
        tokenExpiresAt = caller.tokenExpiresAt();
        reauthorizationAsked = false;
    }

    /** A user sees what the app subscribed to for him, the app itself everything of its own. */
    boolean visibleTo(Caller caller) {
        return applicationId.equals(caller.clientId())
                && tenantId.equals(caller.tenantId())
                && (caller.isApp() || creatorId.equals(caller.id()));
    }

    /** Whether another one of the same app would be the same. */
    boolean sameAs(String app, String otherTarget, Set<ChangeType> otherTypes) {
        if (!applicationId.equals(app) || !targetName.equals(otherTarget)) {
            return false;
        }
        return target.teams() || new TreeSet<>(changeTypes).equals(new TreeSet<>(otherTypes));
    }

    /** @param withClientState only the answer to its creation shows it */
    ObjectNode shown(boolean withClientState) {
        ObjectNode shown = Json.object();
        shown.put("id", id);
        shown.put("resource", resource);
        shown.put("applicationId", applicationId);
        shown.put("changeType", changeTypeText);
        shown.put("clientState", withClientState ? clientState.orElse(null) : null);
        shown.put("notificationUrl", notificationUrl);
        shown.putNull("notificationQueryOptions");
        shown.putNull("notificationContentType");
        shown.put("lifecycleNotificationUrl", lifecycleUrl.orElse(null));
        shown.put("expirationDateTime", expiresAt.toString());
        shown.put("creatorId", creatorId);
        shown.put("includeResourceData", resourceData.isPresent() ? Boolean.TRUE : null);
        shown.put("latestSupportedTlsVersion", "v1_2");
        shown.put(
                "encryptionCertificate",
                withClientState ? resourceData.map(ResourceData::certificate).orElse(null) : null);
        shown.put(
                "encryptionCertificateId",
                resourceData.map(ResourceData::certificateId).orElse(null));
        shown.putNull("notificationUrlAppId");
        return shown;
    }
}
