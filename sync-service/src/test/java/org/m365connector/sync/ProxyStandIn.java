package org.m365connector.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Operation;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;

/**
 * Keeps graph-proxy-service's contract towards sync-service on a real connection to the emulator: attaches tokens got from it,
 * rewrites links, answers with the proxy's problems. Portal users are called ADA, BEN and CLARA; whoever is put on the list of
 * {@code /_proxy/signed-out} has to sign in first. It also plays auth-service's {@code /internal/logins}, {@code /internal/endings} and
 * {@code /internal/attentions}.
 */
final class ProxyStandIn implements AutoCloseable {
    static final String SERVICE_KEY = "service-key-of-the-tests";

    private static final Capabilities CAPABILITIES = new Capabilities();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern ADDRESS = Pattern.compile("/graph/([^/]+)/([^/]+)(?:/as/([^/]+))?(/v1\\.0/.*)");
    private static final Map<String, String> UPNS = Map.of("ADA", Seed.ADA, "BEN", Seed.BEN, "CLARA", Seed.CLARA);
    private static final String CALLBACK = "http://localhost:8081/oauth2/callback";
    private static final Set<String> HOP_BY_HOP = Set.of(
            "host",
            "authorization",
            "x-api-key",
            "x-m365-account",
            "content-length",
            "connection",
            "transfer-encoding");

    /** Less than the service waits for an answer. */
    private static final long SLOW_MILLIS = 2_000;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
    private final String emulator;
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final Set<String> signedOut = ConcurrentHashMap.newKeySet();
    private final List<ObjectNode> problems = new ArrayList<>();
    private final List<JsonNode> endings = new CopyOnWriteArrayList<>();
    private final Map<String, Boolean> missing = new ConcurrentHashMap<>();
    private volatile String slowAnswers = "";
    private int link = 1;
    private int unknownNames;
    private String base;

    private ProxyStandIn(String emulator) {
        this.emulator = emulator;
    }

    static ProxyStandIn start(String emulator) {
        ProxyStandIn proxy = new ProxyStandIn(emulator);
        proxy.tokens.put("service", proxy.appToken());
        UPNS.forEach((user, upn) -> proxy.tokens.put(user, proxy.userToken(upn)));
        try {
            int port = proxy.vertx
                    .createHttpServer()
                    .requestHandler(proxy::handle)
                    .listen(0, "localhost")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS)
                    .actualPort();
            proxy.base = "http://localhost:" + port;
            return proxy;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    String base() {
        return base;
    }

    private void handle(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            if (request.path().startsWith("/_proxy/")) {
                control(request, body);
            } else if (request.path().equals("/internal/logins")) {
                giveLink(request);
            } else if (request.path().equals("/internal/attentions/notifications")) {
                JsonNode report = tree(body);
                missing.put(
                        report.path("portal").asText(), report.path("missing").asBoolean());
                request.response().setStatusCode(204).end();
            } else if (request.path().startsWith("/internal/endings/")) {
                endings.add(tree(body));
                request.response().setStatusCode(204).end();
            } else {
                forward(request, body);
            }
        });
    }

    /** The same one until it is used or its time is over. */
    private void giveLink(HttpServerRequest request) {
        if (unknownNames > 0) {
            unknownNames--;
            problem(request, "upn-unknown", 422, Map.of());
        } else {
            json(
                    request,
                    200,
                    Map.of("loginUrl", "http://login.example/t" + link, "expiresAt", "2030-01-01T00:00:00Z"));
        }
    }

    private void control(HttpServerRequest request, Buffer body) {
        switch (request.method() + " " + request.path()) {
            case "POST /_proxy/problems" -> problems.add((ObjectNode) tree(body));
            case "POST /_proxy/signed-out" -> signedOut.add(body.toString());
            case "DELETE /_proxy/signed-out" -> signedOut.clear();
            case "DELETE /_proxy/problems" ->
                problems.removeIf(wanted -> request.getParam("path") == null
                        || request.getParam("path").equals(wanted.path("path").asText()));
            case "POST /_proxy/slow-answers" -> slowAnswers = body.toString();
            case "DELETE /_proxy/slow-answers" -> slowAnswers = "";
            case "POST /_proxy/links-die" -> link++;
            case "GET /_proxy/endings" -> {
                json(request, 200, Map.of("endings", List.copyOf(endings)));
                return;
            }
            case "GET /_proxy/missing" -> {
                json(request, 200, Map.copyOf(missing));
                return;
            }
            case "POST /_proxy/unknown-names" -> unknownNames = Integer.parseInt(body.toString());
            default -> {
                request.response().setStatusCode(404).end();
                return;
            }
        }
        json(request, 200, Map.of());
    }

    private void forward(HttpServerRequest request, Buffer body) {
        Matcher address = ADDRESS.matcher(request.uri());
        if (!("Bearer " + SERVICE_KEY).equals(request.getHeader("Authorization")) || !address.matches()) {
            problem(request, "unauthorized", 401, Map.of());
            return;
        }
        for (ObjectNode wanted : problems) {
            boolean hits = wanted.path("times").asInt(Integer.MAX_VALUE) > 0
                    && request.uri().contains(wanted.path("path").asText());
            if (hits && wanted.path("after").asInt() > 0) {
                wanted.put("after", wanted.path("after").asInt() - 1);
            } else if (hits) {
                wanted.put("times", wanted.path("times").asInt(Integer.MAX_VALUE) - 1);
                refuse(request, wanted);
                return;
            }
        }
        String user = address.group(3);
        String account = request.getHeader("X-M365-Account");
        boolean service = "service".equals(account);
        if (user != null && !UPNS.containsKey(user)) {
            problem(request, "portal-user-unknown", 404, Map.of());
        } else if (CAPABILITIES
                .impossible(
                        Operation.of(request.method().name(), path(address.group(4))),
                        service ? LoginKind.APP_ONLY : LoginKind.DELEGATED_WORK)
                .isPresent()) {
            problem(request, "app-only-not-supported", 422, Map.of());
        } else if (!service && signedOut.contains(user)) {
            problem(request, "login-required", 409, Map.of("accountId", "user:" + user, "sent", false));
        } else {
            String prefix = base + request.uri().substring(0, address.start(4));
            call(request, body, address.group(4), tokens.get(service ? "service" : user), prefix);
        }
    }

    /** As the proxy, or, where a code is wanted, as Graph. */
    private static void refuse(HttpServerRequest request, JsonNode wanted) {
        int status = wanted.path("status").asInt();
        if (wanted.has("code")) {
            json(
                    request,
                    status,
                    Map.of("error", Map.of("code", wanted.path("code").asText(), "message", "refused")));
        } else {
            problem(request, wanted.path("slug").asText(), status, Map.of());
        }
    }

    private static String path(String target) {
        return target.split("\\?", 2)[0];
    }

    private void call(HttpServerRequest request, Buffer body, String target, String token, String prefix) {
        RequestOptions options =
                new RequestOptions().setMethod(request.method()).setAbsoluteURI(emulator + target);
        request.headers().forEach((name, value) -> {
            if (!HOP_BY_HOP.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                options.putHeader(name, value);
            }
        });
        options.putHeader("Authorization", "Bearer " + token);
        client.request(options)
                .compose((HttpClientRequest out) -> out.send(body))
                .compose(in -> in.body().map(answer -> {
                    if (in.statusCode() == 401) {
                        problem(request, "graph-token-refused", 401, Map.of("sent", false));
                        return answer;
                    }
                    in.headers().forEach((name, value) -> {
                        if (!HOP_BY_HOP.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                            request.response().putHeader(name, value.replace(emulator, prefix));
                        }
                    });
                    request.response().setStatusCode(in.statusCode());
                    Buffer rewritten = Buffer.buffer(answer.toString().replace(emulator + "/v1.0", prefix + "/v1.0"));
                    if (!slowAnswers.isEmpty() && (request.method() + " " + request.path()).matches(slowAnswers)) {
                        vertx.setTimer(SLOW_MILLIS, timer -> request.response().end(rewritten));
                    } else {
                        request.response().end(rewritten);
                    }
                    return answer;
                }))
                .onFailure(failure -> problem(
                        request,
                        "graph-unreachable",
                        502,
                        failure instanceof ConnectException ? Map.of("sent", false) : Map.of()));
    }

    private static void problem(HttpServerRequest request, String slug, int status, Map<String, Object> members) {
        ObjectNode body = JSON.createObjectNode();
        body.put("type", "/problems/" + slug)
                .put("title", slug)
                .put("status", status)
                .put("detail", slug);
        members.forEach((name, value) -> body.set(name, JSON.valueToTree(value)));
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/problem+json")
                .putHeader("X-M365-Problem", slug)
                .end(body.toString());
    }

    private static void json(HttpServerRequest request, int status, Map<String, Object> body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(JSON.valueToTree(body).toString());
    }

    private static JsonNode tree(Buffer body) {
        try {
            return JSON.readTree(body.getBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String appToken() {
        return token(Map.of("grant_type", "client_credentials", "scope", "https://graph.microsoft.com/.default"));
    }

    private String userToken(String upn) {
        String verifier = "a-verifier-that-is-long-enough-to-be-accepted-by-everybody";
        String url = emulator + "/" + Seed.TENANT_ID + "/oauth2/v2.0/authorize?client_id=" + Seed.CLIENT_ID
                + "&response_type=code&response_mode=query&redirect_uri=" + encode(CALLBACK)
                + "&scope=" + encode(scopes()) + "&state=s&nonce=n&code_challenge=" + challenge(verifier)
                + "&code_challenge_method=S256";
        FormBrowser browser = FormBrowser.stoppingAt(uri -> uri.toString().startsWith(CALLBACK));
        FormBrowser.Page end = browser.signIn(browser.open(url), upn, Seed.PASSWORD);
        String code = end.parameters().get("code");
        if (code == null) {
            throw new IllegalStateException("no code for " + upn + ": " + end.status() + " " + end.uri());
        }
        return token(Map.of(
                "grant_type", "authorization_code",
                "code", code,
                "redirect_uri", CALLBACK,
                "code_verifier", verifier,
                "scope", scopes()));
    }

    private static String scopes() {
        return "openid profile offline_access User.Read Mail.ReadWrite Mail.Send ChannelMessage.Send"
                + " ChannelMessage.Read.All Team.ReadBasic.All Channel.ReadBasic.All Chat.Read Calendars.Read Calendars.Read.Shared"
                + " Contacts.Read Files.ReadWrite.All";
    }

    private String token(Map<String, String> grant) {
        StringBuilder form =
                new StringBuilder("client_id=" + Seed.CLIENT_ID + "&client_secret=" + encode(Seed.CLIENT_SECRET));
        grant.forEach((name, value) -> form.append('&').append(name).append('=').append(encode(value)));
        try {
            HttpResponse<String> answer = java.net.http.HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(emulator + "/" + Seed.TENANT_ID + "/oauth2/v2.0/token"))
                                    .header("Content-Type", "application/x-www-form-urlencoded")
                                    .POST(HttpRequest.BodyPublishers.ofString(form.toString()))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            JsonNode token = JSON.readTree(answer.body()).path("access_token");
            if (!token.isTextual()) {
                throw new IllegalStateException("no token: " + answer.body());
            }
            return token.textValue();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
