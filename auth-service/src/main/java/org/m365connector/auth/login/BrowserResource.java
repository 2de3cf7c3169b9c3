package org.m365connector.auth.login;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.problem.Problems;

/** What browsers open: the link, the way back from Entra, the page that says how it went, and its script. Public. */
@Path("/")
public class BrowserResource {

    /** Nothing but our own script and style sheet; no forms, no frames. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
    }

    @GET
    @Path("login/{ticket}")
    public Response begin(String ticket, @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String languages) {
        return answer(flow.begin(ticket), languages);
    }

    /** Mail programs look at links before anybody clicks: that must not use a ticket up. */
    @HEAD
    @Path("login/{ticket}")
    public Response look(String ticket) {
        return Response.ok().header(HttpHeaders.CACHE_CONTROL, "no-store").build();
    }

    @GET
    @Path("oauth2/callback")
    public Response callback(
            @QueryParam("state") Optional<String> state,
            @QueryParam("code") Optional<String> code,
            @QueryParam("error") Optional<String> error,
            @QueryParam("error_description") Optional<String> description,
            @Context HttpHeaders headers) {
        Optional<String> browser = state.map(AttemptSecrets::cookieName)
                .map(headers.getCookies()::get)
                .map(Cookie::getValue);
        Step step = flow.callback(new LoginFlow.Callback(state, code, error, description, browser));
        return answer(step, headers.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE));
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

    private Response answer(Step step, String languages) {
        if (step instanceof Step.ToEntra toEntra) {
            return guarded(Response.seeOther(toEntra.authorize()))
                    .cookie(cookie(toEntra))
                    .build();
        }
        LoginResult result = ((Step.Finished) step).result();
        if (result.back() && result.returnUrl().isPresent()) {
            return guarded(Response.seeOther(withResult(result.returnUrl().get(), result)))
                    .build();
        }
        Locale language = Problems.language(languages);
        TemplateInstance page = Templates.result(result, urls.base(), language.getLanguage());
        page.setLocale(language);
        return guarded(Response.status(result.outcome().status()))
                .type(MediaType.TEXT_HTML + ";charset=UTF-8")
                .entity(page.render())
                .build();
    }

    private static Response.ResponseBuilder guarded(Response.ResponseBuilder response) {
        // No Cross-Origin-Opener-Policy: it would cut the page off from the portal that opened it and waits for a
        // message.
        return response.header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Content-Security-Policy", POLICY)
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY");
    }

    private NewCookie cookie(Step.ToEntra toEntra) {
        return new NewCookie.Builder(toEntra.cookieName())
                .value(toEntra.cookieValue())
                .path(urls.callbackPath())
                .httpOnly(true)
                .secure(urls.isHttps())
                .sameSite(NewCookie.SameSite.LAX)
                .maxAge((int) settings.attemptLife().toSeconds())
                .build();
    }

    private static URI withResult(String returnUrl, LoginResult result) {
        int hash = returnUrl.indexOf('#');
        String fragment = hash < 0 ? "" : returnUrl.substring(hash);
        String url = hash < 0 ? returnUrl : returnUrl.substring(0, hash);
        String separator = url.contains("?") ? "&" : "?";
        return URI.create(url + separator + "m365login=" + result.state() + "&m365reason="
                + result.outcome().slug() + fragment);
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
