package org.m365connector.emulator.browser;

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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * A browser without a screen for tests: keeps cookies, follows redirects, fills in forms. Knows no script, except that a
 * page that would send itself off is sent off; and pages that lead on by themselves.
 */
public final class FormBrowser {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_REDIRECTS = 20;
    private static final Pattern FORM =
            Pattern.compile("<form([^>]*)>(.*?)</form>", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">");
    private static final Pattern GOES_ON = Pattern.compile("<meta http-equiv=\"refresh\" content=\"0;url=([^\"]*)\">");
    private static final Pattern ACTION = Pattern.compile("action=\"([^\"]*)\"");

    private final HttpClient client;
    private final Predicate<URI> stop;

    /**
     * A page, or the address at which the browser was told to stop.
     *
     * @param uri where the page is, or where the redirect or the form that sends itself off leads to
     * @param status 302 if the browser stopped at a redirect
     * @param parameters of the query, the fragment, or the form that would have sent itself off
     */
    public record Page(URI uri, int status, String body, Map<String, String> parameters) {

        public Page {
            parameters = Map.copyOf(parameters);
        }
    }

    private FormBrowser(Optional<SSLContext> tls, Predicate<URI> stop) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(PATIENCE)
                .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL));
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
        this.stop = stop;
    }

    /** Follows every redirect. */
    public static FormBrowser create() {
        return new FormBrowser(Optional.empty(), uri -> false);
    }

    /** Does not follow redirects to addresses for which {@code stop} holds, but gives them back. */
    public static FormBrowser stoppingAt(Predicate<URI> stop) {
        return new FormBrowser(Optional.empty(), stop);
    }

    /** As {@link #stoppingAt(Predicate)}, trusting this context's certificates. */
    public static FormBrowser stoppingAt(Predicate<URI> stop, SSLContext tls) {
        return new FormBrowser(Optional.of(tls), stop);
    }

    public Page open(String address) {
        return follow(HttpRequest.newBuilder(URI.create(address)).GET(), URI.create(address));
    }

    /** Sends the page's first form off with its hidden values and these. */
    public Page submit(Page page, Map<String, String> values) {
        Matcher form = FORM.matcher(page.body());
        if (!form.find()) {
            throw new IllegalStateException("no form on " + page.uri().getPath() + ", status " + page.status());
        }
        Matcher action = ACTION.matcher(form.group(1));
        URI target = action.find() ? page.uri().resolve(unescape(action.group(1))) : page.uri();
        Map<String, String> all = new LinkedHashMap<>(hidden(form.group(2)));
        all.putAll(values);
        return post(target, all);
    }

    /** The pages of a sign-in from the login page on: signs in, consents, and ends where the flow leads to. */
    public Page signIn(Page loginPage, String upn, String password) {
        Page page = submit(loginPage, Map.of("login", upn, "passwd", password));
        return page.body().contains("name=\"consent\"") ? submit(page, Map.of("consent", "accept")) : page;
    }

    private Page post(URI target, Map<String, String> values) {
        String form = values.entrySet().stream()
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder request = HttpRequest.newBuilder(target)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        return follow(request, target);
    }

    private Page follow(HttpRequest.Builder first, URI start) {
        HttpRequest.Builder request = first;
        URI uri = start;
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpResponse<String> response = send(request);
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                return arrive(new Page(uri, response.statusCode(), response.body(), parameters(uri)));
            }
            uri = uri.resolve(location.get());
            if (stop.test(uri)) {
                return new Page(uri, response.statusCode(), "", parameters(uri));
            }
            request = HttpRequest.newBuilder(uri).GET();
        }
        throw new IllegalStateException("more than " + MOST_REDIRECTS + " redirects from " + start.getPath());
    }

    private Page arrive(Page page) {
        Matcher goesOn = GOES_ON.matcher(page.body());
        if (goesOn.find()) {
            URI next = page.uri().resolve(unescape(goesOn.group(1)));
            return stop.test(next)
                    ? new Page(next, page.status(), "", parameters(next))
                    : follow(HttpRequest.newBuilder(next).GET(), next);
        }
        if (!page.body().contains("document.forms[0].submit()")) {
            return page;
        }
        Matcher action = ACTION.matcher(page.body());
        URI target = action.find() ? page.uri().resolve(unescape(action.group(1))) : page.uri();
        return stop.test(target)
                ? new Page(target, page.status(), page.body(), hidden(page.body()))
                : submit(page, Map.of());
    }

    private static Map<String, String> hidden(String html) {
        Map<String, String> values = new LinkedHashMap<>();
        Matcher hidden = HIDDEN.matcher(html);
        while (hidden.find()) {
            values.put(unescape(hidden.group(1)), unescape(hidden.group(2)));
        }
        return values;
    }

    private static Map<String, String> parameters(URI uri) {
        String text = uri.getRawFragment() != null ? uri.getRawFragment() : uri.getRawQuery();
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : List.of(Optional.ofNullable(text).orElse("").split("&", -1))) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return values;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot reach " + request.build().uri().getAuthority(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String unescape(String html) {
        return html.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }
}
