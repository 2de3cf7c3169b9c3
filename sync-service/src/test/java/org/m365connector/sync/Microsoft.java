package org.m365connector.sync;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.ConfigProvider;
import org.m365connector.emulator.Seed;

/** The emulator's control door, and the stand-in's: what somebody does in Microsoft 365, what breaks there, what is true. */
public final class Microsoft {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static volatile Instant lastActivity = Instant.EPOCH;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String emulator = ConfigProvider.getConfig().getValue("test.emulator-url", String.class);
    private final String proxy = ConfigProvider.getConfig().getValue("m365.proxy-url", String.class);

    /**
     * No faults, nobody signed out. Accounts and mailboxes stay, since tokens would die with them. What was done before is over: a
     * watch tells of all that is from the second in which it begins, since Graph's times are no finer.
     */
    public void calm() {
        call("DELETE", emulator + "/_emulator/faults", "");
        call("DELETE", emulator + "/_emulator/notifications", "");
        call("DELETE", emulator + "/_emulator/graph", "");
        holdDeltas();
        call("DELETE", proxy + "/_proxy/problems", "");
        call("DELETE", proxy + "/_proxy/signed-out", "");
        call("DELETE", proxy + "/_proxy/slow-answers", "");
        unknownNames(0);
        Instant over = lastActivity.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        await("the second of the last activity is over")
                .until(() -> !Instant.now().isBefore(over));
    }

    public JsonNode activity(String json) {
        JsonNode done = call("POST", emulator + "/_emulator/activity", json.replace('\'', '"'));
        lastActivity = Instant.now();
        return done;
    }

    public void fault(String json) {
        call("POST", emulator + "/_emulator/faults", json.replace('\'', '"'));
    }

    public void noFaults() {
        call("DELETE", emulator + "/_emulator/faults", "");
    }

    public void notifications(String json) {
        call("POST", emulator + "/_emulator/notifications", json.replace('\'', '"'));
    }

    public void switches(String json) {
        call("POST", emulator + "/_emulator/graph", json.replace('\'', '"'));
    }

    /** Deltas, and listings of chats, with such an address show nothing new while everybody else sees it; none: all show it. */
    public void holdDeltas(String... addresses) {
        var body = JSON.createObjectNode();
        var hold = body.putArray("hold");
        List.of(addresses).forEach(hold::add);
        call("POST", emulator + "/_emulator/delta", body.toString());
    }

    public void forgetDeltaLinks() {
        call("DELETE", emulator + "/_emulator/delta", "");
    }

    /**
     * Calls whose address contains {@code path} are answered so: all, or so many {@code times}, once so many have passed
     * ({@code after}). With a {@code slug} it is the proxy's problem, with a {@code code} Graph's.
     */
    public void proxyProblem(String json) {
        call("POST", proxy + "/_proxy/problems", json.replace('\'', '"'));
    }

    /** What is done is done, but the proxy's answer comes late: to calls that match "METHOD path" as a regular expression. */
    public void slowAnswers(String call) {
        call("POST", proxy + "/_proxy/slow-answers", call);
    }

    public void signedOut(String portalUser) {
        call("POST", proxy + "/_proxy/signed-out", portalUser);
    }

    public void signedIn() {
        call("DELETE", proxy + "/_proxy/signed-out", "");
    }

    public void noProxyProblems() {
        call("DELETE", proxy + "/_proxy/problems", "");
    }

    /** Only those for addresses with these words. */
    public void noProxyProblems(String path) {
        call("DELETE", proxy + "/_proxy/problems?path=" + encode(path), "");
    }

    /** Sign-in links that were given out are worth nothing from now on. */
    public void loginLinksDie() {
        call("POST", proxy + "/_proxy/links-die", "");
    }

    /** So often auth-service does not know yet who is expected to sign in. */
    public void unknownNames(int times) {
        call("POST", proxy + "/_proxy/unknown-names", Integer.toString(times));
    }

    /** Whether sync-service has told auth-service that nothing of that portal's registration is left at Graph. */
    public boolean endingReported(String portal, String registration) {
        for (JsonNode ending : call("GET", proxy + "/_proxy/endings", "").path("endings")) {
            if (ending.path("portal").asText().equals(portal)
                    && ending.path("registration").asText().equals(registration)) {
                return true;
            }
        }
        return false;
    }

    /** Methods and paths of the requests that stand in that trace. */
    public List<String> requestsIn(String trace) {
        List<String> found = new ArrayList<>();
        call("GET", emulator + "/_emulator/requests", "").path("requests").forEach(request -> {
            if (request.path("traceparent").asText().contains(trace)) {
                found.add(request.path("method").asText() + " "
                        + request.path("path").asText());
            }
        });
        return found;
    }

    /** Methods and paths of all requests since then. */
    public List<String> requestsSince(Instant begin) {
        List<String> found = new ArrayList<>();
        call("GET", emulator + "/_emulator/requests?since=" + begin, "")
                .path("requests")
                .forEach(request -> found.add(request.path("method").asText() + " "
                        + request.path("path").asText()));
        return found;
    }

    /** What was sent to whom, newest last, and what it was answered. */
    public JsonNode deliveries() {
        return call("GET", emulator + "/_emulator/notifications", "").path("log");
    }

    /** Whether sync-service has told auth-service last that notifications for that portal do not come. */
    public boolean notificationsMissing(String portal) {
        return call("GET", proxy + "/_proxy/missing", "").path(portal).asBoolean();
    }

    public JsonNode truth(String container) {
        return call("GET", emulator + "/_emulator/truth?resource=" + encode(container), "");
    }

    /** Immutable id (or id) → newest etag of what is in the container now, as the emulator recorded it. */
    public Map<String, String> present(String container) {
        Map<String, String> present = new TreeMap<>();
        truth(container).path("versions").forEach(version -> {
            String id = version.has("immutableId")
                    ? version.get("immutableId").asText()
                    : version.get("id").asText();
            if (version.path("type").asText().equals("deleted")) {
                present.remove(id);
            } else {
                present.put(id, version.path("etag").asText());
            }
        });
        return present;
    }

    /** Subjects of the mails in a folder, asked as the app. */
    public List<String> subjects(String upn, String folder) {
        List<String> subjects = new ArrayList<>();
        mails(upn, folder).forEach(mail -> subjects.add(mail.path("subject").asText()));
        return subjects;
    }

    public JsonNode mails(String upn, String folder) {
        return graph("GET", "/users/" + upn + "/mailFolders/" + folder + "/messages?$top=1000", "")
                .path("value");
    }

    public List<String> contents(String channel) {
        List<String> contents = new ArrayList<>();
        graph("GET", "/teams/" + Seed.TEAM_ID + "/channels/" + encode(channel) + "/messages?$top=50", "")
                .path("value")
                .forEach(message -> contents.add(message.at("/body/content").asText()));
        return contents;
    }

    public JsonNode subscriptions() {
        return graph("GET", "/subscriptions", "").path("value");
    }

    /** A subscription for our door that sync-service knows nothing of; its id. */
    public String subscribe(String portalUser, String resource) {
        return subscribe(portalUser, resource, Map.of());
    }

    /** @param otherwise what is to be other than with such a one */
    public String subscribe(String portalUser, String resource, Map<String, String> otherwise) {
        String door = ConfigProvider.getConfig().getValue("m365.public.notification-url", String.class);
        ObjectNode body = JSON.createObjectNode()
                .put("changeType", "created")
                .put("notificationUrl", door + "/notifications")
                .put("lifecycleNotificationUrl", door + "/lifecycle")
                .put("resource", resource)
                .put(
                        "expirationDateTime",
                        Instant.now().plus(Duration.ofHours(1)).toString());
        otherwise.forEach(body::put);
        return call("POST", proxy + "/graph/past/Main/as/" + portalUser + "/v1.0/subscriptions", body.toString())
                .path("id")
                .asText();
    }

    public void deleteSubscription(String portalUser, String id) {
        call("DELETE", proxy + "/graph/past/Main/as/" + portalUser + "/v1.0/subscriptions/" + id, "");
    }

    /** As the app itself, past sync-service. */
    public JsonNode graph(String method, String path, String body) {
        return call(method, proxy + "/graph/past/Main/v1.0" + path, body, "X-M365-Account", "service");
    }

    private JsonNode call(String method, String url, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + ProxyStandIn.SERVICE_KEY)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(method + " " + url + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(url, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
