package org.m365connector.auth.entra;

import java.net.URI;
import java.util.List;
import org.m365connector.events.AccountTypes;

/**
 * An app registration as Entra needs to be asked for it.
 *
 * @param authority the cloud's login host without trailing slash
 * @param tenantId where the app is registered and its service account works
 * @param graph what tokens are for, {@code https://graph.microsoft.com}
 * @param credentials in the order in which they are tried
 */
public record EntraApp(
        String authority,
        String tenantId,
        String clientId,
        AccountTypes accountTypes,
        String graph,
        List<ClientCredential> credentials) {

    /** The same app with some of its credentials. */
    EntraApp with(List<ClientCredential> some) {
        return new EntraApp(authority, tenantId, clientId, accountTypes, graph, some);
    }

    /** The alias or tenant where people sign in, by the kinds of account that are let in. */
    String loginTenant() {
        return switch (accountTypes) {
            case BUSINESS -> tenantId;
            case PERSONAL -> "consumers";
            case BOTH -> "common";
        };
    }

    /** Where browsers are sent. */
    public URI authorizeEndpoint() {
        return endpoint(loginTenant(), "/oauth2/v2.0/authorize");
    }

    /** Codes and refresh tokens must be redeemed at the authority that gave them out. */
    URI loginTokenEndpoint() {
        return endpoint(loginTenant(), "/oauth2/v2.0/token");
    }

    /** Client credentials work at the app's own tenant only. */
    URI appTokenEndpoint() {
        return endpoint(tenantId, "/oauth2/v2.0/token");
    }

    /** Where an administrator of a tenant agrees to all permissions of an app. */
    public static URI adminConsentEndpoint(String authority, String tenantId) {
        return URI.create(authority + "/" + tenantId + "/v2.0/adminconsent");
    }

    URI deviceCodeEndpoint() {
        return endpoint(loginTenant(), "/oauth2/v2.0/devicecode");
    }

    URI keysEndpoint() {
        return endpoint(loginTenant(), "/discovery/v2.0/keys");
    }

    String issuerOf(String tid) {
        return authority + "/" + tid + "/v2.0";
    }

    private URI endpoint(String tenant, String path) {
        return URI.create(authority + "/" + tenant + path);
    }
}
