package org.m365connector.emulator.graph.protocol;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who calls, as the access token says.
 *
 * @param id object id of the user, or of the service principal for an app-only token
 * @param permissions scopes of a delegated token, roles of an app-only one
 */
public record Caller(
        LoginKind kind, String clientId, String tenantId, String id, Set<String> permissions, Instant tokenExpiresAt) {

    public Caller {
        permissions = Set.copyOf(permissions);
    }

    public boolean isApp() {
        return kind == LoginKind.APPLICATION;
    }

    public boolean holdsOneOf(Iterable<String> wanted) {
        for (String permission : wanted) {
            if (permissions.contains(permission)) {
                return true;
            }
        }
        return false;
    }

    String permissionsText() {
        return String.join(", ", new TreeSet<>(permissions));
    }
}
