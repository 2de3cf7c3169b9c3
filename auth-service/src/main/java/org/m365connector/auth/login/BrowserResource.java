package org.m365connector.auth.login;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.problem.Problems;

/** What browsers open: the link, the way back from Entra, the page that says how it went, and its script. Public. */
@Path("/")
public class BrowserResource {

    /** Nothing but our own script, style sheet and forms; no frames. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static final String TEN_MINUTES = "public, max-age=600";

    private final LoginFlow flow;
    private final LoginUrls urls;
    private final LoginSettings settings;

    BrowserResource(LoginFlow flow, LoginUrls urls, LoginSettings settings) {
        this.flow = flow;
        this.urls = urls;
        this.settings = settings;
    }

    @CheckedTemplate(basePath = "login")
    static class Templates {

        private Templates() {}

        static native TemplateInstance result(LoginResult result, String base, String lang);

        static native TemplateInstance start(
                StartPage page, String action, String nonce, String validUntil, String base, String lang);

        static native TemplateInstance go(String url, String base, String lang);
    }

    @GET
    @Path("login/{ticket}")
    public Response begin(String ticket, @Context HttpHeaders headers) {
        Step step = flow.begin(ticket);
        return step instanceof Step.AskFirst first ? askFirst(first.page(), ticket, headers) : answer(step, headers);
    }

    /** Mail programs look at links before anybody clicks: that must not use a ticket up. */
    @HEAD
    @Path("login/{ticket}")
    public Response look(String ticket) {
        return Response.ok().header(HttpHeaders.CACHE_CONTROL, "no-store").build();
    }

    /** The button of a start page: only a browser that was shown it can press it. */
    @POST
    @Path("login/{ticket}")
    public Response start(String ticket, @FormParam("nonce") String nonce, @Context HttpHeaders headers) {
        boolean shown = cookie(AttemptSecrets.startCookieName(ticket), headers)
                .filter(value -> nonce != null && Secrets.same(value, nonce))
                .isPresent();
        return byForm(shown ? flow.start(ticket) : new Step.Finished(LoginResult.of(Outcome.OTHERBROWSER)), headers);
    }

    /** The button of a result page: the same sign-in once more. */
    @POST
    @Path("login/again")
    public Response again(@FormParam("state") Optional<String> state, @Context HttpHeaders headers) {
        Step step = state.map(value -> flow.again(value, cookie(AttemptSecrets.cookieName(value), headers)))
                .orElseGet(() -> new Step.Finished(LoginResult.of(Outcome.ATTEMPTUNKNOWN)));
        return byForm(step, headers);
    }

    @GET
    @Path("oauth2/callback")
    public Response callback(
            @QueryParam("state") Optional<String> state,
            @QueryParam("code") Optional<String> code,
            @QueryParam("error") Optional<String> error,
            @QueryParam("error_description") Optional<String> description,
            @QueryParam("admin_consent") Optional<String> adminConsent,
            @Context HttpHeaders headers) {
        Optional<String> browser = state.flatMap(value -> cookie(AttemptSecrets.cookieName(value), headers));
        Step step = flow.callback(new LoginFlow.Callback(
                state,
                code,
                error,
                description,
                adminConsent.filter("true"::equalsIgnoreCase).isPresent(),
                browser));
        return answer(step, headers);
    }

    @GET
    @Path("login/m365-login.js")
    public Response script() {
        return file("login-files/m365-login.js", "text/javascript;charset=UTF-8");
    }

    @GET
    @Path("login/m365-login.css")
    public Response style() {
        return file("login-files/m365-login.css", "text/css;charset=UTF-8");
    }

    private Response answer(Step step, HttpHeaders headers) {
        if (step instanceof Step.ToEntra toEntra) {
            return guarded(Response.seeOther(toEntra.authorize()))
                    .cookie(cookie(toEntra.cookieName(), toEntra.cookieValue(), settings.attemptLife()))
                    .build();
        }
        return finished(((Step.Finished) step).result(), headers);
    }

    /** After a form no redirect may leave our origin: browsers hold {@code form-action} against all that follow, even Entra's. */
    private Response byForm(Step step, HttpHeaders headers) {
        if (step instanceof Step.ToEntra toEntra) {
            Locale language = language(headers);
            TemplateInstance page = Templates.go(toEntra.authorize().toString(), urls.base(), language.getLanguage());
            return page(Response.ok(), page, language)
                    .cookie(cookie(toEntra.cookieName(), toEntra.cookieValue(), settings.attemptLife()))
                    .build();
        }
        return answer(step, headers);
    }

    private Response askFirst(StartPage start, String ticket, HttpHeaders headers) {
        Locale language = language(headers);
        String nonce = Secrets.random();
        String validUntil = DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG, FormatStyle.SHORT)
                        .withLocale(language)
                        .format(start.expiresAt().atZone(ZoneOffset.UTC))
                + " UTC";
        TemplateInstance page =
                Templates.start(start, urls.ticket(ticket), nonce, validUntil, urls.base(), language.getLanguage());
        return page(Response.ok(), page, language)
                .cookie(cookie(AttemptSecrets.startCookieName(ticket), nonce, settings.linkLife()))
                .build();
    }

    private Response finished(LoginResult result, HttpHeaders headers) {
        boolean straightBack = result.outcome().leadsStraightBack()
                && result.visit().filter(Visit::back).isPresent();
        if (straightBack && result.returnLink().isPresent()) {
            return guarded(Response.seeOther(URI.create(result.returnLink().get())))
                    .build();
        }
        Locale language = language(headers);
        Response.ResponseBuilder response = Response.status(result.outcome().status());
        result.retryAfter().ifPresent(pause -> response.header(HttpHeaders.RETRY_AFTER, pause.toSeconds()));
        return page(response, Templates.result(result, urls.base(), language.getLanguage()), language)
                .build();
    }

    private static Response.ResponseBuilder page(
            Response.ResponseBuilder response, TemplateInstance page, Locale language) {
        page.setLocale(language);
        return guarded(response).type(MediaType.TEXT_HTML + ";charset=UTF-8").entity(page.render());
    }

    private static Response.ResponseBuilder guarded(Response.ResponseBuilder response) {
        // No Cross-Origin-Opener-Policy: it would cut the page off from the portal that opened it and waits for a
        // message.
        return response.header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
                .header("Content-Security-Policy", POLICY)
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY");
    }

    private static Locale language(HttpHeaders headers) {
        return Problems.language(headers.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE));
    }

    private Optional<String> cookie(String name, HttpHeaders headers) {
        return Optional.ofNullable(headers.getCookies().get(prefixed(name))).map(Cookie::getValue);
    }

    private NewCookie cookie(String name, String value, Duration life) {
        return new NewCookie.Builder(prefixed(name))
                .value(value)
                .path("/")
                .httpOnly(true)
                .secure(urls.isHttps())
                .sameSite(NewCookie.SameSite.LAX)
                .maxAge((int) life.toSeconds())
                .build();
    }

    /** Browsers take a cookie of that name over TLS only, from this very host, and for all of it (RFC 6265bis, 4.1.3.2). */
    private String prefixed(String name) {
        return urls.isHttps() ? "__Host-" + name : name;
    }

    private static Response file(String name, String type) {
        try (var in = BrowserResource.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                return Response.status(Response.Status.NOT_FOUND).build();
            }
            return Response.ok(in.readAllBytes(), type)
                    .header(HttpHeaders.CACHE_CONTROL, TEN_MINUTES)
                    .header("X-Content-Type-Options", "nosniff")
                    .build();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
