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
    boolean sameAs(String app, Target otherTarget, Set<ChangeType> otherTypes) {
        if (!applicationId.equals(app) || !target.toString().equals(otherTarget.toString())) {
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
        shown.putNull("includeResourceData");
        shown.put("latestSupportedTlsVersion", "v1_2");
        shown.putNull("encryptionCertificate");
        shown.putNull("encryptionCertificateId");
        shown.putNull("notificationUrlAppId");
        return shown;
    }
}
