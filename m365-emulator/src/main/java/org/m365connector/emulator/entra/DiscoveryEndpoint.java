package org.m365connector.emulator.entra;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.Json;
import org.m365connector.emulator.http.RequestLog;
import org.m365connector.emulator.tokens.AccessToken;
import org.m365connector.emulator.tokens.TokenInspection;

/** The documents that say where everything is, the keys, and what the tokens' owner is called. */
final class DiscoveryEndpoint {

    private final EmulatorState state;

    DiscoveryEndpoint(EmulatorState state) {
        this.state = state;
    }

    /** GET /{tenant}/v2.0/.well-known/openid-configuration. Over an alias the issuer is a template, as it is at Microsoft. */
    void v2(RoutingContext ctx) {
        document(ctx, "/oauth2/v2.0", "/discovery/v2.0/keys", true);
    }

    /** GET /{tenant}/.well-known/openid-configuration. */
    void v1(RoutingContext ctx) {
        document(ctx, "/oauth2", "/discovery/keys", false);
    }

    private void document(RoutingContext ctx, String endpoints, String keys, boolean v2) {
        RequestLog.of(ctx).kind("discovery");
        try {
            Authority authority = Authority.of(ctx.pathParam("tenant"), state.directory());
            String base = EntraRoutes.base(ctx, state);
            String root = base + "/" + authority.key();
            String issuerTenant = authority.tenant().map(tenant -> tenant.id()).orElse("{tenantid}");
            ObjectNode json = Json.object();
            json.put("token_endpoint", root + endpoints + "/token");
            texts(
                    json.putArray("token_endpoint_auth_methods_supported"),
                    List.of("client_secret_post", "private_key_jwt", "client_secret_basic"));
            json.put("jwks_uri", root + keys);
            texts(json.putArray("response_modes_supported"), List.of("query", "fragment", "form_post"));
            json.putArray("subject_types_supported").add("pairwise");
            json.putArray("id_token_signing_alg_values_supported").add("RS256");
            texts(
                    json.putArray("response_types_supported"),
                    v2
                            ? List.of("code", "id_token", "code id_token", "id_token token")
                            : List.of("code", "id_token", "code id_token", "token id_token", "token"));
            texts(
                    json.putArray("scopes_supported"),
                    v2 ? List.of("openid", "profile", "email", "offline_access") : List.of("openid"));
            if (v2) {
                json.put("issuer", base + "/" + issuerTenant + "/v2.0");
                json.put("request_uri_parameter_supported", false);
                json.put("userinfo_endpoint", base + "/oidc/userinfo");
            } else {
                json.put("issuer", "https://sts.windows.net/" + issuerTenant + "/");
                json.put("microsoft_multi_refresh_token", true);
            }
            json.put("authorization_endpoint", root + endpoints + "/authorize");
            json.put("device_authorization_endpoint", root + endpoints + "/devicecode");
            json.put("http_logout_supported", true).put("frontchannel_logout_supported", true);
            json.put("end_session_endpoint", root + endpoints + "/logout");
            List<String> claims = v2
                    ? List.of(
                            "sub",
                            "iss",
                            "cloud_instance_name",
                            "cloud_instance_host_name",
                            "cloud_graph_host_name",
                            "msgraph_host",
                            "aud",
                            "exp",
                            "iat",
                            "auth_time",
                            "acr",
                            "nonce",
                            "preferred_username",
                            "name",
                            "tid",
                            "ver",
                            "at_hash",
                            "c_hash",
                            "email")
                    : List.of(
                            "sub",
                            "iss",
                            "cloud_instance_name",
                            "cloud_instance_host_name",
                            "cloud_graph_host_name",
                            "msgraph_host",
                            "aud",
                            "exp",
                            "iat",
                            "auth_time",
                            "acr",
                            "amr",
                            "nonce",
                            "email",
                            "given_name",
                            "family_name",
                            "nickname");
            texts(json.putArray("claims_supported"), claims);
            json.put("kerberos_endpoint", root + "/kerberos");
            json.put("tenant_region_scope", authority.kind() == Authority.Kind.TENANT ? "EU" : null);
            json.put("cloud_instance_name", "microsoftonline.com");
            json.put("cloud_graph_host_name", "graph.windows.net");
            json.put("msgraph_host", "graph.microsoft.com");
            json.put("rbac_url", "https://pas.windows.net");
            open(ctx, json);
        } catch (EntraFailure failure) {
            failure.error().send(ctx, state);
        }
    }

    /** GET /{tenant}/discovery/v2.0/keys. */
    void keysV2(RoutingContext ctx) {
        keys(ctx, true);
    }

    /** GET /{tenant}/discovery/keys. */
    void keysV1(RoutingContext ctx) {
        keys(ctx, false);
    }

    private void keys(RoutingContext ctx, boolean v2) {
        RequestLog.of(ctx).kind("keys");
        try {
            Authority.of(ctx.pathParam("tenant"), state.directory());
            Optional<String> issuer =
                    v2 ? Optional.of(EntraRoutes.base(ctx, state) + "/{tenantid}/v2.0") : Optional.empty();
            open(ctx, state.tokenIssuer().jwks(issuer));
        } catch (EntraFailure failure) {
            failure.error().send(ctx, state);
        }
    }

    /** GET /common/discovery/instance: which hosts are one cloud. */
    void instance(RoutingContext ctx) {
        RequestLog.of(ctx).kind("discovery");
        String base = EntraRoutes.base(ctx, state);
        String host = base.substring(base.indexOf("//") + 2);
        ObjectNode json = Json.object();
        json.put("tenant_discovery_endpoint", base + "/common/.well-known/openid-configuration");
        json.put("api-version", "1.1");
        ObjectNode cloud = json.putArray("metadata").addObject();
        cloud.put("preferred_network", host).put("preferred_cache", host);
        cloud.putArray("aliases").add(host);
        open(ctx, json);
    }

    /** GET /oidc/userinfo, which at Microsoft lives on Graph's host. */
    void userinfo(RoutingContext ctx) {
        RequestLog.of(ctx).kind("userinfo");
        TokenInspection inspection = state.tokens().inspect(ctx.request().getHeader("Authorization"));
        Optional<AccessToken> token = inspection instanceof TokenInspection.Valid valid
                ? Optional.of(valid.token()).filter(found -> found.scopes().contains("openid"))
                : Optional.empty();
        Optional<UserAccount> user =
                token.flatMap(AccessToken::oid).flatMap(oid -> state.directory().userByOid(oid));
        if (user.isEmpty()) {
            ctx.response()
                    .putHeader("WWW-Authenticate", "Bearer")
                    .setStatusCode(401)
                    .end();
            return;
        }
        ObjectNode json = Json.object();
        json.put("sub", user.get().oid()).put("name", user.get().displayName());
        json.put("family_name", user.get().surname())
                .put("given_name", user.get().givenName());
        json.put("email", user.get().upn());
        Json.send(ctx, 200, json);
    }

    private static void texts(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }

    private static void open(RoutingContext ctx, ObjectNode json) {
        ctx.response()
                .putHeader("Cache-Control", "max-age=86400, private")
                .putHeader("Access-Control-Allow-Origin", "*");
        Json.send(ctx, 200, json);
    }
}
