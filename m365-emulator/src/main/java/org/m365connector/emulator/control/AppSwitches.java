package org.m365connector.emulator.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.ClientSecret;
import org.m365connector.emulator.directory.FederatedCredential;
import org.m365connector.emulator.directory.SignInAudience;
import org.m365connector.emulator.directory.Tenant;
import org.m365connector.emulator.entra.Permissions;
import org.m365connector.emulator.http.Json;

/** What happens to app registrations: {@code /_emulator/apps/{clientId}}. */
final class AppSwitches {

    private static final Duration SECRET_LIFE = Duration.ofDays(700);

    private static final Set<String> SWITCHES = Set.of(
            "create",
            "permissions",
            "secretExpired",
            "secrets",
            "certificates",
            "federated",
            "grants",
            "delegatedGrants",
            "redirectUris",
            "signInAudience",
            "publicClientFlows",
            "deviceCodeBlocked",
            "disabled",
            "revokeOldRefreshTokens",
            "consentVisibleAfterSeconds");

    private static final Set<String> REGISTRATION =
            Set.of("name", "redirectUris", "signInAudience", "permissions", "publicClientFlows", "secrets");

    private AppSwitches() {}

    static void apply(RoutingContext ctx, EmulatorState state, ObjectNode body) {
        ControlRoutes.refuseUnknown(body, SWITCHES);
        String clientId = ctx.pathParam("clientId");
        Optional<AppRegistration> found = state.directory().app(clientId);
        if (found.isEmpty() && !body.path("create").asBoolean()) {
            Json.send(ctx, 404, Json.object().put("error", "there is no app " + clientId));
            return;
        }
        AppRegistration app = found.orElseGet(() -> create(state, clientId, "App " + clientId));
        change(app, body, state.clock().instant());
        Json.send(ctx, found.isEmpty() ? 201 : 200, json(app));
    }

    /** What an administrator does in the app registrations of the portal: a name, and Entra says the client id. */
    static void register(RoutingContext ctx, EmulatorState state, ObjectNode body) {
        ControlRoutes.refuseUnknown(body, REGISTRATION);
        String name = body.path("name").asText();
        if (name.isBlank()) {
            throw new IllegalArgumentException("an app needs a name");
        }
        AppRegistration app = create(state, UUID.randomUUID().toString(), name);
        try {
            change(app, body, state.clock().instant());
        } catch (RuntimeException e) {
            state.directory().remove(app);
            throw e;
        }
        Json.send(ctx, 201, json(app));
    }

    private static void change(AppRegistration app, ObjectNode body, Instant now) {
        if (body.has("secrets")) {
            app.setSecrets(secrets(body.get("secrets"), now));
        }
        if (body.has("secretExpired")) {
            app.expireSecrets(body.get("secretExpired").asBoolean() ? now : now.plus(SECRET_LIFE));
        }
        if (body.has("certificates")) {
            app.setCertificates(texts(body.get("certificates")).stream()
                    .map(AppSwitches::certificate)
                    .toList());
        }
        if (body.has("federated")) {
            app.setFederatedCredentials(federated(body.get("federated")));
        }
        if (body.has("grants")) {
            app.setApplicationGrants(Set.copyOf(texts(body.get("grants"))));
        }
        if (body.has("delegatedGrants")) {
            app.setTenantConsents(new LinkedHashSet<>(texts(body.get("delegatedGrants"))));
        }
        if (body.has("redirectUris")) {
            app.setRedirectUris(texts(body.get("redirectUris")));
        }
        if (body.has("signInAudience")) {
            app.setSignInAudience(
                    SignInAudience.valueOf(body.get("signInAudience").asText()));
        }
        if (body.has("publicClientFlows")) {
            app.setPublicClientFlows(body.get("publicClientFlows").asBoolean());
        }
        if (body.has("deviceCodeBlocked")) {
            app.setDeviceCodeBlocked(body.get("deviceCodeBlocked").asBoolean());
        }
        if (body.has("disabled")) {
            app.setDisabled(body.get("disabled").asBoolean());
        }
        if (body.has("revokeOldRefreshTokens")) {
            app.setRevokeOldRefreshTokens(body.get("revokeOldRefreshTokens").asBoolean());
        }
        if (body.has("consentVisibleAfterSeconds")) {
            app.setConsentVisibleAfter(seconds(body, "consentVisibleAfterSeconds"));
        }
        if (body.has("permissions")) {
            requirePermissions(app, body.get("permissions"));
        }
    }

    private static Duration seconds(ObjectNode body, String name) {
        JsonNode value = body.get(name);
        if (!value.canConvertToInt() || value.intValue() < 0) {
            throw new IllegalArgumentException(name + " is a whole number of seconds, not " + value);
        }
        return Duration.ofSeconds(value.intValue());
    }

    private static void requirePermissions(AppRegistration app, JsonNode permissions) {
        List<String> delegated = texts(permissions.path("delegated"));
        List<String> application = texts(permissions.path("application"));
        delegated.stream()
                .filter(name -> !Permissions.isDelegated(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("Graph has no delegated permission " + name);
                });
        application.stream()
                .filter(name -> !Permissions.isApplication(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("Graph has no application permission " + name);
                });
        app.setRequiredPermissions(new LinkedHashSet<>(delegated), new LinkedHashSet<>(application));
    }

    static void show(RoutingContext ctx, EmulatorState state) {
        state.directory()
                .app(ctx.pathParam("clientId"))
                .ifPresentOrElse(
                        app -> Json.send(ctx, 200, json(app)),
                        () -> Json.send(ctx, 404, Json.object().put("error", "there is no such app")));
    }

    private static AppRegistration create(EmulatorState state, String clientId, String shown) {
        Tenant tenant = state.directory().tenant(Seed.TENANT_ID).orElseThrow();
        AppRegistration app = new AppRegistration(
                tenant,
                clientId,
                shown,
                UUID.nameUUIDFromBytes(clientId.getBytes(StandardCharsets.UTF_8))
                        .toString());
        state.directory().add(app);
        return app;
    }

    private static List<ClientSecret> secrets(JsonNode values, Instant now) {
        List<ClientSecret> secrets = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isTextual()) {
                secrets.add(new ClientSecret(value.asText(), now.plus(SECRET_LIFE)));
            } else {
                secrets.add(new ClientSecret(
                        value.path("value").asText(),
                        Instant.parse(value.path("expiresAt").asText())));
            }
        }
        return secrets;
    }

    private static X509Certificate certificate(String pem) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("certificates holds something that is no certificate in PEM", e);
        }
    }

    /** {@code audience} is Entra's usual one where it is missing. */
    private static List<FederatedCredential> federated(JsonNode values) {
        List<FederatedCredential> credentials = new ArrayList<>();
        for (JsonNode value : values) {
            if (!value.path("jwks").path("keys").isArray()) {
                throw new IllegalArgumentException("federated needs jwks, the issuer's key set");
            }
            credentials.add(new FederatedCredential(
                    value.path("name").asText("credential"),
                    value.required("issuer").asText(),
                    value.required("subject").asText(),
                    value.path("audience").asText("api://AzureADTokenExchange"),
                    value.get("jwks")));
        }
        return credentials;
    }

    private static List<String> texts(JsonNode values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(value.asText()));
        return texts;
    }

    private static ObjectNode json(AppRegistration app) {
        ObjectNode json = Json.object();
        json.put("clientId", app.clientId()).put("displayName", app.displayName());
        json.put("tenantId", app.tenant().id()).put("servicePrincipalId", app.servicePrincipalId());
        json.put("signInAudience", app.signInAudience().name()).put("publicClientFlows", app.publicClientFlows());
        app.redirectUris().forEach(json.putArray("redirectUris")::add);
        app.secrets().forEach(secret -> json.withArray("secretsExpireAt")
                .add(secret.expiresAt().toString()));
        app.certificates().forEach(certificate -> json.withArray("certificatesExpireAt")
                .add(certificate.getNotAfter().toInstant().toString()));
        app.federatedCredentials()
                .forEach(credential -> json.withArray("federated").add(credential.name()));
        ObjectNode permissions = json.putObject("permissions");
        app.requiredDelegated().stream().sorted().forEach(permissions.putArray("delegated")::add);
        app.requiredApplication().stream().sorted().forEach(permissions.putArray("application")::add);
        app.applicationGrants().stream().sorted().forEach(json.putArray("grants")::add);
        app.tenantConsents().stream().sorted().forEach(json.putArray("delegatedGrants")::add);
        json.put("deviceCodeBlocked", app.deviceCodeBlocked()).put("disabled", app.disabled());
        json.put("revokeOldRefreshTokens", app.revokeOldRefreshTokens());
        json.put("consentVisibleAfterSeconds", app.consentVisibleAfter().toSeconds());
        return json;
    }
}
