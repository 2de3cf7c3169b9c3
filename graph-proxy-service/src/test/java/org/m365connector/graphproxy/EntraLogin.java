package org.m365connector.graphproxy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.m365connector.emulator.Seed;

/** Real tokens from the emulator: a person through its forms, the app with its secret. */
final class EntraLogin {

    private static final String REDIRECT = "http://localhost:8081/oauth2/callback";
    private static final String VERIFIER = "a-verifier-of-more-than-forty-three-characters-1234";
    private static final String CHALLENGE = challenge();
    private static final String SCOPES = "openid profile offline_access User.Read Mail.ReadWrite Mail.Send "
            + "ChannelMessage.Send Team.ReadBasic.All Channel.ReadBasic.All Files.ReadWrite";
    private static final Pattern FORM = Pattern.compile("<form method=\"post\" action=\"([^\"]+)\"");
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"");

    private final String base;
    private HttpClient browser = freshBrowser();

    EntraLogin(String entraBase) {
        base = entraBase;
    }

    String ofTheApp() throws IOException, InterruptedException {
        return token(Map.of(
                "client_id",
                Seed.CLIENT_ID,
                "client_secret",
                Seed.CLIENT_SECRET,
                "grant_type",
                "client_credentials",
                "scope",
                "https://graph.microsoft.com/.default"));
    }

    String of(String upn) throws IOException, InterruptedException {
        browser = freshBrowser();
        String authorize = base + "/" + Seed.TENANT_ID + "/oauth2/v2.0/authorize?"
                + form(Map.of(
                        "client_id",
                        Seed.CLIENT_ID,
                        "response_type",
                        "code",
                        "response_mode",
                        "query",
                        "redirect_uri",
                        REDIRECT,
                        "scope",
                        SCOPES,
                        "state",
                        "s",
                        "code_challenge",
                        CHALLENGE,
                        "code_challenge_method",
                        "S256"));
        HttpResponse<String> page =
                send(HttpRequest.newBuilder(URI.create(authorize)).build());
        for (int step = 0; step < 5 && page.statusCode() == 200; step++) {
            page = fillIn(page.body(), upn);
        }
        String location = page.headers().firstValue("Location").orElseThrow(() -> new IOException("no redirect"));
        return token(Map.of(
                "client_id",
                Seed.CLIENT_ID,
                "client_secret",
                Seed.CLIENT_SECRET,
                "grant_type",
                "authorization_code",
                "redirect_uri",
                REDIRECT,
                "scope",
                SCOPES,
                "code_verifier",
                VERIFIER,
                "code",
                parameter(location, "code")));
    }

    private HttpResponse<String> fillIn(String page, String upn) throws IOException, InterruptedException {
        Matcher action = FORM.matcher(page);
        if (!action.find()) {
            throw new IOException("a page without a form: " + page);
        }
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher hidden = HIDDEN.matcher(page);
        while (hidden.find()) {
            fields.put(hidden.group(1), hidden.group(2));
        }
        if (page.contains("name=\"passwd\"")) {
            fields.put("login", upn);
            fields.put("passwd", Seed.PASSWORD);
        } else {
            fields.put("consent", "accept");
        }
        return post(base + action.group(1), fields);
    }

    private String token(Map<String, String> fields) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(base + "/" + Seed.TENANT_ID + "/oauth2/v2.0/token", fields);
        if (answer.statusCode() != 200) {
            throw new IOException("no token: " + answer.body());
        }
        return new JsonObject(answer.body()).getString("access_token");
    }

    private HttpResponse<String> post(String url, Map<String, String> fields) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(fields)))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return browser.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** One without anybody's session. */
    private static HttpClient freshBrowser() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static String parameter(String url, String name) throws IOException {
        Matcher matcher = Pattern.compile("[?&]" + name + "=([^&#]+)").matcher(url);
        if (!matcher.find()) {
            throw new IOException("no " + name + " in " + url);
        }
        return URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8);
    }

    private static String challenge() {
        try {
            byte[] digest = java.security.MessageDigest.getInstance("SHA-256")
                    .digest(VERIFIER.getBytes(StandardCharsets.US_ASCII));
            return java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
