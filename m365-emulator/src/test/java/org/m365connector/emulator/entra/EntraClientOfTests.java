package org.m365connector.emulator.entra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;

/** Speaks to an emulator as an app does, byte by byte. */
public final class EntraClientOfTests {

    public static final String CALLBACK = "http://localhost:8081/oauth2/callback";
    public static final String SCOPES = "openid profile email offline_access User.Read Mail.ReadWrite";
    /** The pair of RFC 7636, appendix B. */
    public static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    public static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Emulator emulator;
    private final HttpClient http = HttpClient.newBuilder().build();

    public EntraClientOfTests(Emulator emulator) {
        this.emulator = emulator;
    }

    /** An answer with its body as JSON, or null if it has none. */
    public record Answer(HttpResponse<String> raw, JsonNode json) {

        public int status() {
            return raw.statusCode();
        }

        public String text(String member) {
            return json.path(member).asText();
        }
    }

    /** A browser that stops at the app's callback. */
    public FormBrowser browser() {
        return FormBrowser.stoppingAt(uri -> uri.toString().startsWith(CALLBACK));
    }

    public static Map<String, String> values(String... pairs) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return values;
    }

    public static Map<String, String> with(Map<String, String> values, String... pairs) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.putAll(values(pairs));
        more.values().removeIf(value -> value == null);
        return more;
    }

    /** What a well-behaved app asks /authorize for. */
    public static Map<String, String> authorization() {
        return values(
                "client_id", Seed.CLIENT_ID,
                "response_type", "code",
                "redirect_uri", CALLBACK,
                "response_mode", "query",
                "scope", SCOPES,
                "state", "some state",
                "nonce", "n-1",
                "code_challenge", CHALLENGE,
                "code_challenge_method", "S256");
    }

    public String authorizeUrl(String tenant, Map<String, String> parameters) {
        return emulator.httpBase() + "/" + tenant + "/oauth2/v2.0/authorize?" + form(parameters);
    }

    public String authorizeUrl(Map<String, String> parameters) {
        return authorizeUrl(Seed.TENANT_ID, parameters);
    }

    /** Signs in, consents, and brings the code. */
    public String code(String upn) {
        FormBrowser browser = browser();
        FormBrowser.Page end = browser.signIn(browser.open(authorizeUrl(authorization())), upn, Seed.PASSWORD);
        return end.parameters().get("code");
    }

    /** What redeems the code of {@link #authorization()}. */
    public static Map<String, String> redemption(String code) {
        return values(
                "grant_type",
                "authorization_code",
                "client_id",
                Seed.CLIENT_ID,
                "client_secret",
                Seed.CLIENT_SECRET,
                "code",
                code,
                "redirect_uri",
                CALLBACK,
                "code_verifier",
                VERIFIER);
    }

    public static Map<String, String> refreshing(String refreshToken) {
        return values(
                "grant_type",
                "refresh_token",
                "client_id",
                Seed.CLIENT_ID,
                "client_secret",
                Seed.CLIENT_SECRET,
                "refresh_token",
                refreshToken);
    }

    public static Map<String, String> appOnly() {
        return values(
                "grant_type",
                "client_credentials",
                "client_id",
                Seed.CLIENT_ID,
                "client_secret",
                Seed.CLIENT_SECRET,
                "scope",
                "https://graph.microsoft.com/.default");
    }

    /** A whole sign-in up to the tokens. */
    public Answer signedIn(String upn) {
        return token(redemption(code(upn)));
    }

    public Answer token(Map<String, String> form, String... headers) {
        return tokenAt(Seed.TENANT_ID, form, headers);
    }

    public Answer tokenAt(String tenant, Map<String, String> form, String... headers) {
        return post("/" + tenant + "/oauth2/v2.0/token", form(form), "application/x-www-form-urlencoded", headers);
    }

    public Answer deviceCode(Map<String, String> form) {
        return post("/" + Seed.TENANT_ID + "/oauth2/v2.0/devicecode", form(form), "application/x-www-form-urlencoded");
    }

    public Answer post(String path, String body, String contentType, String... headers) {
        HttpRequest.Builder request = request(path).header("Content-Type", contentType);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public Answer get(String path, String... headers) {
        HttpRequest.Builder request = request(path);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.GET());
    }

    /** Turns a switch of the control door. */
    public Answer control(String path, String json) {
        return post("/_emulator/" + path, json, "application/json");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(emulator.httpBase() + path));
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            boolean json = response.headers()
                    .firstValue("Content-Type")
                    .filter(type -> type.startsWith("application/json"))
                    .isPresent();
            return new Answer(response, json ? JSON.readTree(response.body()) : null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static String form(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public static JsonNode claims(String jwt) {
        try {
            String payload = jwt.substring(jwt.indexOf('.') + 1, jwt.lastIndexOf('.'));
            return JSON.readTree(Base64.getUrlDecoder().decode(payload));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
