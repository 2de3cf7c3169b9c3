package org.m365connector.emulator.entra;

import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.RequestLog;

/** The pages of the sign-in: plain HTML forms, usable without scripts and styles. */
final class Pages {

    private static final String STYLE = """
            body{font:16px/1.5 "Segoe UI",system-ui,sans-serif;background:#f2f2f2;color:#1b1b1b;margin:0}
            main{max-width:27rem;margin:8vh auto;background:#fff;padding:2.5rem;box-shadow:0 2px 6px rgba(0,0,0,.2)}
            h1{font-size:1.5rem;font-weight:600;margin:.5rem 0 1rem}label{display:block;margin:1rem 0 .25rem}
            input[type=text],input[type=email],input[type=password]{width:100%;box-sizing:border-box;font:inherit;padding:.4rem}
            button{font:inherit;padding:.4rem 1.6rem;margin:1.2rem .5rem 0 0;border:1px solid #767676;background:#e6e6e6}
            button.main{background:#0f5fb0;border-color:#0f5fb0;color:#fff}
            .error{color:#b10e1c}.small{font-size:.8rem;color:#555}
            """;

    private final EmulatorState state;

    Pages(EmulatorState state) {
        this.state = state;
    }

    void login(RoutingContext ctx, SignIn signIn, String login, Optional<String> error) {
        page(ctx, 200, "Sign in to your account", """
                <h1>Sign in</h1>
                <p>to continue to %s</p>
                %s
                <form method="post" action="/%s/login" autocomplete="off">
                %s
                <label for="login">Email or user name</label>
                <input type="email" id="login" name="login" value="%s" autocomplete="username" required%s>
                <label for="passwd">Password</label>
                <input type="password" id="passwd" name="passwd" autocomplete="current-password" required%s>
                <button type="submit" class="main">Sign in</button>
                <button type="submit" name="cancel" value="cancel" formnovalidate>Cancel</button>
                </form>
                """.formatted(
                        escape(signIn.app.displayName()),
                        error.map(text -> "<p class=\"error\" role=\"alert\">" + escape(text) + "</p>")
                                .orElse(""),
                        escape(signIn.authority.segment()),
                        hidden("flow", signIn.id),
                        escape(login),
                        login.isEmpty() ? " autofocus" : "",
                        login.isEmpty() ? "" : " autofocus"));
    }

    void pick(RoutingContext ctx, SignIn signIn, List<UserAccount> accounts) {
        String buttons = accounts.stream()
                .map(user -> "<button type=\"submit\" name=\"account\" value=\"%s\">%s</button>"
                        .formatted(escape(user.oid()), escape(user.upn())))
                .collect(Collectors.joining("\n"));
        page(ctx, 200, "Pick an account", """
                <h1>Pick an account</h1>
                <p>to continue to %s</p>
                <form method="post" action="/%s/pick">
                %s
                %s
                <button type="submit" name="account" value="other">Use another account</button>
                </form>
                """.formatted(
                        escape(signIn.app.displayName()),
                        escape(signIn.authority.segment()),
                        hidden("flow", signIn.id),
                        buttons));
    }

    void secondFactor(RoutingContext ctx, SignIn signIn, Optional<String> error) {
        page(ctx, 200, "Verify your identity", """
                <h1>Enter code</h1>
                %s
                <form method="post" action="/%s/mfa">
                %s
                <label for="otc">Code from your authenticator app</label>
                <input type="text" id="otc" name="otc" inputmode="numeric" autocomplete="one-time-code" required autofocus>
                <button type="submit" class="main">Verify</button>
                </form>
                """.formatted(
                        error.map(text -> "<p class=\"error\" role=\"alert\">" + escape(text) + "</p>")
                                .orElse(""),
                        escape(signIn.authority.segment()),
                        hidden("flow", signIn.id)));
    }

    void consent(RoutingContext ctx, SignIn signIn, UserAccount user, Collection<String> scopes) {
        String question = signIn.goal instanceof SignIn.Goal.Device
                ? "Are you trying to sign in to " + signIn.app.displayName() + "?"
                : "Permissions requested";
        String list = scopes.stream()
                .map(scope -> "<li data-scope=\"" + escape(scope) + "\">" + escape(describe(scope)) + "</li>")
                .collect(Collectors.joining("\n"));
        page(ctx, 200, "Permissions requested", """
                <p>%s</p>
                <h1>%s</h1>
                %s
                <form method="post" action="/%s/consent">
                %s
                <button type="submit" name="consent" value="accept" class="main">%s</button>
                <button type="submit" name="consent" value="cancel">Cancel</button>
                </form>
                """.formatted(
                        escape(user.upn()),
                        escape(question),
                        scopes.isEmpty()
                                ? ""
                                : "<p>" + escape(signIn.app.displayName()) + " would like to:</p><ul>" + list + "</ul>",
                        escape(signIn.authority.segment()),
                        hidden("flow", signIn.id),
                        scopes.isEmpty() ? "Continue" : "Accept"));
    }

    /** What an administrator consents to for the whole tenant. */
    void adminConsent(RoutingContext ctx, SignIn signIn, UserAccount user, Collection<String> permissions) {
        String list = permissions.stream()
                .map(name -> "<li data-scope=\"" + escape(name) + "\">" + escape(describe(name)) + "</li>")
                .collect(Collectors.joining("\n"));
        page(ctx, 200, "Permissions requested", """
                <p>%s</p>
                <h1>Permissions requested</h1>
                <p>Review for your organization</p>
                <p>%s would like to:</p><ul>%s</ul>
                <p>If you accept, this app will get access to the specified resources for all users in your organization. \
                No one else will be prompted to review these permissions.</p>
                <form method="post" action="/%s/consent">
                %s
                <button type="submit" name="consent" value="accept" class="main">Accept</button>
                <button type="submit" name="consent" value="cancel">Cancel</button>
                </form>
                """.formatted(
                        escape(user.upn()),
                        escape(signIn.app.displayName()),
                        list,
                        escape(signIn.authority.segment()),
                        hidden("flow", signIn.id)));
    }

    void needsAdministrator(RoutingContext ctx, SignIn signIn, UserAccount user, EntraError error) {
        page(ctx, 200, "Need admin approval", """
                <p>%s</p>
                <h1>Need admin approval</h1>
                <p>%s</p>
                <p class="small">AADSTS%d</p>
                <form method="post" action="/%s/consent">
                %s
                <button type="submit" name="consent" value="cancel">Return to the application without granting consent</button>
                </form>
                """.formatted(
                        escape(user.upn()),
                        escape(error.text()),
                        error.number(),
                        escape(signIn.authority.segment()),
                        hidden("flow", signIn.id)));
    }

    void deviceCode(RoutingContext ctx, Optional<String> error) {
        page(ctx, 200, "Enter code", """
                <h1>Enter code</h1>
                %s
                <form method="post" action="/devicelogin">
                <label for="otc">Enter the code displayed on your app or device</label>
                <input type="text" id="otc" name="otc" autocomplete="off" maxlength="18" required autofocus>
                <button type="submit" class="main">Next</button>
                </form>
                """.formatted(
                        error.map(text -> "<p class=\"error\" role=\"alert\">" + escape(text) + "</p>")
                                .orElse("")));
    }

    void message(RoutingContext ctx, String title, String text) {
        page(ctx, 200, title, "<h1>" + escape(title) + "</h1><p>" + escape(text) + "</p>");
    }

    /** The error page, for what must never be sent to a redirect URI. */
    void error(RoutingContext ctx, EntraError error) {
        page(ctx, 400, "Sign in to your account", """
                <h1>Sorry, but we're having trouble signing you in.</h1>
                <p id="exceptionMessage">%s</p>
                <p class="small">Request Id: %s<br>Correlation Id: %s<br>Timestamp: %s</p>
                """.formatted(
                        escape(error.headline()),
                        escape(RequestLog.of(ctx).requestId()),
                        escape(EntraError.correlationId(ctx)),
                        state.clock().instant()));
    }

    /** A form that sends itself off, for {@code response_mode=form_post}. */
    void formPost(RoutingContext ctx, String uri, Map<String, String> values) {
        String inputs = values.entrySet().stream()
                .map(entry -> hidden(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("\n"));
        html(ctx, 200, """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>Working...</title></head><body>
                <form method="POST" name="hiddenform" action="%s">
                %s
                <noscript><p>Script is disabled. Click Submit to continue.</p><input type="submit" value="Submit"></noscript>
                </form>
                <script>document.forms[0].submit();</script>
                </body></html>
                """.formatted(escape(uri), inputs));
    }

    private static String describe(String scope) {
        return switch (scope) {
            case "openid" -> "Sign you in (openid)";
            case "profile" -> "View your basic profile (profile)";
            case "email" -> "View your email address (email)";
            case "offline_access" -> "Maintain access to data you have given it access to (offline_access)";
            default -> scope;
        };
    }

    private static String hidden(String name, String value) {
        return "<input type=\"hidden\" name=\"" + escape(name) + "\" value=\"" + escape(value) + "\">";
    }

    private void page(RoutingContext ctx, int status, String title, String content) {
        html(
                ctx,
                status,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>"
                        + escape(title) + "</title><style>" + STYLE + "</style></head>\n<body><main>\n" + content
                        + "</main></body></html>\n");
    }

    private void html(RoutingContext ctx, int status, String html) {
        EntraRoutes.commonHeaders(ctx);
        if (state.limits().flag("entra.assumed.signInPagesCutOpener")) {
            ctx.response().putHeader("Cross-Origin-Opener-Policy", "same-origin");
        }
        ctx.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/html; charset=utf-8")
                .putHeader("X-Frame-Options", "DENY")
                .end(html);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
