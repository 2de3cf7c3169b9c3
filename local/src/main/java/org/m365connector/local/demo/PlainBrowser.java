package org.m365connector.local.demo;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.m365connector.local.suite.LocalException;

/** Signs in without a browser: follows redirects, keeps cookies and fills in the HTML forms of the login pages. */
public final class PlainBrowser implements Browser {
    private static final int MOST_STEPS = 20;
    private static final Pattern FORM = Pattern.compile("<form\\b([^>]*)>(.*?)</form>", flags());
    private static final Pattern INPUT = Pattern.compile("<(input|button)\\b([^>]*)>", flags());
    private static final Pattern GOES_ON =
            Pattern.compile("<meta http-equiv=\"refresh\" content=\"0;url=([^\"]*)\"", flags());
    private static final Pattern TAG = Pattern.compile("<(script|style)\\b.*?</\\1>|<[^>]+>", flags());

    /** A page, and where it came from. */
    private record Page(URI uri, int status, String html) {}

    @Override
    public String signInByPopUp(PortalPage page, String upn, String password) {
        return signInByLink(page.freshLoginUrl(), upn, password);
    }

    @Override
    public String signInByLink(String link, String upn, String password) {
        return walk(newClient(), URI.create(link), person(upn, password));
    }

    @Override
    public String signInDevice(String page, String code, String upn, String password) {
        Map<String, String> known = person(upn, password);
        known.put("otc", code);
        return walk(newClient(), URI.create(page), known);
    }

    @Override
    public String description() {
        return "forms over HTTP";
    }

    @Override
    public void close() {
        // Each sign-in has cookies of its own.
    }

    private static Map<String, String> person(String upn, String password) {
        Map<String, String> known = new LinkedHashMap<>();
        known.put("login", upn);
        known.put("passwd", password);
        known.put("consent", "accept");
        // The button of a link's start page.
        known.put("go", "1");
        return known;
    }

    /** Fills in form after form until a page has none that it can fill in. */
    private static String walk(HttpClient client, URI start, Map<String, String> known) {
        Page page = fetch(client, HttpRequest.newBuilder(start).GET());
        for (int step = 0; step < MOST_STEPS; step++) {
            Optional<HttpRequest.Builder> next = filledIn(page, known);
            if (next.isEmpty()) {
                return said(page);
            }
            page = fetch(client, next.get());
        }
        throw new LocalException("The sign-in does not end; last page: " + page.uri());
    }

    private static Optional<HttpRequest.Builder> filledIn(Page page, Map<String, String> known) {
        Matcher goesOn = GOES_ON.matcher(page.html());
        if (goesOn.find()) {
            return Optional.of(HttpRequest.newBuilder(page.uri().resolve(unescaped(goesOn.group(1))))
                    .GET());
        }
        Matcher form = FORM.matcher(page.html());
        if (page.status() >= 400 || !form.find()) {
            return Optional.empty();
        }
        Map<String, String> fields = fields(form.group(2), known);
        if (fields.keySet().stream().noneMatch(known::containsKey)) {
            return Optional.empty();
        }
        URI action = page.uri().resolve(attribute(form.group(1), "action").orElse(""));
        return Optional.of(HttpRequest.newBuilder(action)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(Forms.encode(fields))));
    }

    /** As a browser sends them: every field, but of the buttons only the one that is pressed. */
    private static Map<String, String> fields(String form, Map<String, String> known) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher input = INPUT.matcher(form);
        while (input.find()) {
            Optional<String> name = attribute(input.group(2), "name");
            boolean button = input.group(1).equalsIgnoreCase("button")
                    || attribute(input.group(2), "type").orElse("").equals("submit");
            if (name.isPresent() && (!button || known.containsKey(name.get()))) {
                String preset = attribute(input.group(2), "value").orElse("");
                fields.put(name.get(), known.getOrDefault(name.get(), preset));
            }
        }
        return fields;
    }

    private static Page fetch(HttpClient client, HttpRequest.Builder request) {
        HttpRequest asked = request.timeout(Duration.ofSeconds(30)).build();
        try {
            HttpResponse<String> answer = client.send(asked, HttpResponse.BodyHandlers.ofString());
            return new Page(answer.uri(), answer.statusCode(), answer.body());
        } catch (IOException e) {
            throw new LocalException("The login page " + asked.uri().getPath() + " was not answered: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted during a sign-in", e);
        }
    }

    private static String said(Page page) {
        String text =
                TAG.matcher(page.html()).replaceAll(" ").replaceAll("\\s+", " ").strip();
        if (page.status() >= 400) {
            throw new LocalException(
                    "The sign-in failed at " + page.uri().getPath() + ": " + page.status() + " " + text);
        }
        return text;
    }

    private static Optional<String> attribute(String tag, String name) {
        Matcher matcher = Pattern.compile("\\b" + name + "\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s>]+))", flags())
                .matcher(tag);
        if (!matcher.find()) {
            return Optional.empty();
        }
        for (int group = 1; group <= 3; group++) {
            if (matcher.group(group) != null) {
                return Optional.of(unescaped(matcher.group(group)));
            }
        }
        return Optional.empty();
    }

    private static String unescaped(String text) {
        return text.replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&#x27;", "'")
                .replace("&#61;", "=")
                .replace("&#x3D;", "=")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
    }

    private static HttpClient newClient() {
        return HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    private static int flags() {
        return Pattern.CASE_INSENSITIVE | Pattern.DOTALL;
    }
}
