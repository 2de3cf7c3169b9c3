package org.m365connector.auth.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/**
 * Grants of Entra ID v2.0. Every method ends within {@link EntraSettings#timeout}, asks with one credential after the other
 * until one is accepted as such ({@link CredentialVerdicts}), and asks with each only once.
 */
@ApplicationScoped
public class EntraClient {

    private static final Logger LOG = Logger.getLogger(EntraClient.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ClientCredential NONE = new NoCredential();

    private static final EntraError NO_CREDENTIAL = new EntraError(
            401, "invalid_client", Optional.empty(), OptionalLong.empty(), Optional.empty(), Optional.empty());

    private final EntraSettings settings;
    private final EntraHttp http;
    private final CredentialVerdicts verdicts;
    private final CredentialWitness witness;
    private final MeterRegistry meters;
    private final Clock clock;

    EntraClient(
            EntraSettings settings,
            CredentialSettings credentials,
            EntraHttp http,
            CredentialWitness witness,
            MeterRegistry meters,
            Clock clock) {
        this.settings = settings;
        this.verdicts = new CredentialVerdicts(credentials.pause(), credentials.retry(), clock);
        this.http = http;
        this.witness = witness;
        this.meters = meters;
        this.clock = clock;
    }

    /** A device login may be a confidential client's (its tokens survive a change of password) or only a public one's. */
    private enum ClientType {
        CONFIDENTIAL,
        EITHER,
        PUBLIC
    }

    /** The app's own token, for all application permissions that an administrator consented to. */
    public Grant clientCredentials(EntraApp app) {
        return clientCredentials(app, Optional.empty());
    }

    /** @param claims a claims challenge to satisfy */
    public Grant clientCredentials(EntraApp app, Optional<String> claims) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        form.put("scope", app.graph() + "/.default");
        claims.ifPresent(value -> form.put("claims", value));
        return tryEach(app, app.appTokenEndpoint(), ClientType.CONFIDENTIAL, form);
    }

    /** An app's token by one credential, whatever was thought of it before: somebody wants to know. */
    public Grant clientCredentials(EntraApp app, String credentialId) {
        EntraApp one = app.with(app.credentials().stream()
                .filter(credential -> credential.id().equals(credentialId))
                .toList());
        verdicts.forget(one);
        return clientCredentials(one);
    }

    /**
     * A new access token, and with it a new refresh token; Entra does not revoke the old one.
     *
     * @param publicClient the refresh token was given to the app as a public client
     * @param claims a claims challenge to satisfy
     */
    public Grant refresh(
            EntraApp app, String refreshToken, String scopes, boolean publicClient, Optional<String> claims) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "refresh_token");
        form.put("refresh_token", refreshToken);
        form.put("scope", scopes);
        claims.ifPresent(value -> form.put("claims", value));
        ClientType type = publicClient ? ClientType.PUBLIC : ClientType.CONFIDENTIAL;
        return tryEach(app, app.loginTokenEndpoint(), type, form);
    }

    /** Redeems the code of a browser login. A code can be used once. */
    public Grant redeem(EntraApp app, String code, URI redirectUri, String verifier, String scopes) {
        return tryEach(
                app,
                app.loginTokenEndpoint(),
                ClientType.CONFIDENTIAL,
                Map.of(
                        "grant_type", "authorization_code",
                        "code", code,
                        "redirect_uri", redirectUri.toString(),
                        "code_verifier", verifier,
                        "scope", scopes));
    }

    /**
     * Asks once whether the device login has been finished; the error {@code authorization_pending} says not yet.
     *
     * @param publicClient Entra is known to take the app for a public client here
     */
    public Polled pollDeviceCode(EntraApp app, String deviceCode, boolean publicClient) {
        return tryAll(
                app,
                app.loginTokenEndpoint(),
                publicClient ? ClientType.PUBLIC : ClientType.EITHER,
                Map.of("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code", deviceCode));
    }

    /** @param asPublicClient whether Entra gave it without a credential */
    public record Polled(Grant grant, boolean asPublicClient) {}

    /** Begins a device login; the error where Entra refuses. */
    public DeviceCodeAnswer requestDeviceCode(EntraApp app, String scopes) {
        count("device-code");
        Optional<EntraHttp.Answer> answer = http.postForm(
                app.deviceCodeEndpoint(), Map.of("client_id", app.clientId(), "scope", scopes), settings.timeout());
        if (answer.isEmpty()) {
            return new DeviceCodeAnswer.Refused(EntraError.unreachable());
        }
        if (answer.get().status() != 200) {
            return new DeviceCodeAnswer.Refused(answer.get().error());
        }
        try {
            JsonNode body = JSON.readTree(answer.get().body());
            return new DeviceCodeAnswer.Begun(new DeviceCode(
                    body.required("device_code").asText(),
                    body.required("user_code").asText(),
                    body.required("verification_uri").asText(),
                    Duration.ofSeconds(body.path("expires_in").asLong(900)),
                    Duration.ofSeconds(Math.max(1, body.path("interval").asLong(5)))));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return new DeviceCodeAnswer.Refused(EntraError.unreachable());
        }
    }

    /** Answer of the device code endpoint. */
    public sealed interface DeviceCodeAnswer {
        record Begun(DeviceCode code) implements DeviceCodeAnswer {}

        record Refused(EntraError error) implements DeviceCodeAnswer {}
    }

    private Grant tryEach(EntraApp app, URI tokenEndpoint, ClientType clientType, Map<String, String> form) {
        return tryAll(app, tokenEndpoint, clientType, form).grant();
    }

    private Polled tryAll(EntraApp app, URI tokenEndpoint, ClientType clientType, Map<String, String> form) {
        List<ClientCredential> order = new ArrayList<>(verdicts.worthAsking(app));
        switch (clientType) {
            case CONFIDENTIAL -> {}
            case EITHER -> order.add(NONE);
            case PUBLIC -> order.add(0, NONE);
        }
        Grant answer = new Grant.Refused(verdicts.lastRefusal(app).orElse(NO_CREDENTIAL));
        long end = System.nanoTime() + settings.timeout().toNanos();
        for (ClientCredential credential : order) {
            if (left(end).isZero()) {
                return new Polled(new Grant.Refused(EntraError.unreachable()), false);
            }
            answer = ask(app, tokenEndpoint, credential, clientType, form, end);
            if (!isCredentialRefused(answer)) {
                return new Polled(answer, credential.equals(NONE));
            }
        }
        return new Polled(answer, false);
    }

    /** Once, or twice where the proof was out of its time: a new one may have been laid down, or was too long on its way. */
    private Grant ask(
            EntraApp app,
            URI tokenEndpoint,
            ClientCredential credential,
            ClientType clientType,
            Map<String, String> form,
            long end) {
        Grant answer;
        try {
            answer = once(app, tokenEndpoint, credential, form, left(end));
            if (credential.ages() && isOutOfTime(answer) && !left(end).isZero()) {
                LOG.infof(
                        "Proof out of its time, made anew clientId=%s credential=%s", app.clientId(), credential.id());
                answer = once(app, tokenEndpoint, credential, form, left(end));
            }
        } catch (CredentialUnusable e) {
            answer = new Grant.Refused(EntraError.unusable(e.reason()));
            judged(app, credential, answer, true);
            return answer;
        }
        // An app that lets public clients in is asked for none in their flows, good as its credential may be
        // (AADSTS700025).
        if (clientType == ClientType.CONFIDENTIAL || !isCredentialRefused(answer)) {
            judged(app, credential, answer, false);
        }
        return answer;
    }

    private Grant once(
            EntraApp app, URI tokenEndpoint, ClientCredential credential, Map<String, String> form, Duration timeout) {
        Map<String, String> all = new LinkedHashMap<>(form);
        all.put("client_id", app.clientId());
        credential.addTo(all, new ClientCredential.Occasion(app.clientId(), tokenEndpoint, clock.instant()));
        count(form.get("grant_type"));
        Optional<EntraHttp.Answer> answer = http.postForm(tokenEndpoint, all, timeout);
        if (answer.isEmpty()) {
            return new Grant.Refused(EntraError.unreachable());
        }
        return answer.get().status() == 200
                ? granted(answer.get().body(), credential.equals(NONE))
                : new Grant.Refused(answer.get().error());
    }

    private void judged(EntraApp app, ClientCredential credential, Grant answer, boolean local) {
        if (credential.equals(NONE)) {
            return;
        }
        boolean news = false;
        if (isCredentialAccepted(answer)) {
            news = verdicts.accepted(app, credential);
        } else if (isCredentialRefused(answer)) {
            EntraError error = ((Grant.Refused) answer).error();
            news = verdicts.refused(app, credential, error, local);
            // What fails here fails with every request: once an hour is enough.
            LOG.logf(
                    local && !news ? Logger.Level.DEBUG : Logger.Level.WARN,
                    "Credential refused clientId=%s credential=%s code=%s",
                    app.clientId(),
                    credential.id(),
                    error.code());
        }
        if (news) {
            tell(app, credential, answer);
        }
    }

    private void tell(EntraApp app, ClientCredential credential, Grant answer) {
        try {
            if (isCredentialAccepted(answer)) {
                witness.accepted(credential.id());
            } else {
                witness.refused(credential.id());
            }
        } catch (RuntimeException e) {
            // What Entra granted must not get lost for that. The next verdict is news again.
            LOG.warnf("Verdict on a credential cannot be told credential=%s reason=%s", credential.id(), e.toString());
            verdicts.untold(app, credential);
        }
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    private static Grant granted(String body, boolean publicClient) {
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            // Some box on the way answers 200 with a page of its own.
            return new Grant.Refused(EntraError.unreachable());
        }
        Optional<String> accessToken = text(json, "access_token");
        // Entra's older endpoints write the number as a text.
        long expiresIn = json.path("expires_in").asLong(0);
        if (accessToken.isEmpty() || expiresIn <= 0) {
            return new Grant.Refused(EntraError.unreachable());
        }
        return new Grant.Granted(
                accessToken.get(),
                Duration.ofSeconds(expiresIn),
                text(json, "refresh_token"),
                text(json, "id_token"),
                publicClient,
                text(json, "scope"));
    }

    /** Entra looks at who asks before it looks at what is asked: a refused grant has got past that. */
    private static boolean isCredentialAccepted(Grant answer) {
        return answer instanceof Grant.Granted
                || (answer instanceof Grant.Refused refused
                        && (refused.error().failure() instanceof EntraFailure.NeedsLogin
                                || refused.error().failure() instanceof EntraFailure.Blocked));
    }

    private static boolean isCredentialRefused(Grant answer) {
        return answer instanceof Grant.Refused refused
                && refused.error().failure() instanceof EntraFailure.Configuration configuration
                && configuration.credential();
    }

    private static boolean isOutOfTime(Grant answer) {
        return answer instanceof Grant.Refused refused && refused.error().isOutOfTime();
    }

    private static Optional<String> text(JsonNode json, String member) {
        return Optional.of(json.path(member).asText("")).filter(value -> !value.isEmpty());
    }

    private void count(String grant) {
        meters.counter("m365.entra.requests", "grant", grant).increment();
    }
}
