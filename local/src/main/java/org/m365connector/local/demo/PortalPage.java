package org.m365connector.local.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.m365connector.local.suite.LocalException;

/**
 * Plays a page of the portal with a sign-in button. As in a real portal the key stays on the server: the page asks its own
 * server for a ticket, and only that calls auth-service.
 */
public final class PortalPage implements AutoCloseable {
    private final HttpServer server;
    private final String loginScript;
    private volatile Supplier<Answer> logins = PortalPage::nobody;
    private volatile Supplier<Answer> state = PortalPage::nobody;

    /** @param loginScript address of {@code /login/m365-login.js} */
    PortalPage(String loginScript) {
        this.loginScript = loginScript;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> answer(exchange, 200, "text/html; charset=utf-8", html()));
        server.createContext("/m365/login", this::passLogin);
        server.createContext("/m365/state", this::passState);
        server.start();
    }

    /** Where the browser is told to expect the page: an origin that the portal was onboarded with. */
    String origin() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    String url() {
        return origin() + "/";
    }

    /** Who sits in front of the page: how to get a ticket for him, and how to ask whether he is signed in. */
    void visitedBy(Supplier<Answer> newLogins, Supplier<Answer> newState) {
        logins = newLogins;
        state = newState;
    }

    String freshLoginUrl() {
        return logins.get().expect(201).json().path("loginUrl").asText();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private String html() {
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><title>Portal</title><script src="%s"></script></head>
                <body><h1>Portal</h1><button id="sign-in">Connect with Microsoft 365</button><p id="state"></p>
                <script>
                  const state = document.getElementById("state");
                  function show(value, text) { state.dataset.state = value; state.textContent = text; }
                  document.getElementById("sign-in").addEventListener("click", () =>
                    M365Login.open({ticketUrl: "/m365/login", stateUrl: "/m365/state", pollEvery: 500,
                                    blocked: () => show("failed", "the pop-up was blocked")})
                      .then(result => show(result.state === "done" ? "done" : "failed", result.reason),
                            error => show("failed", error.message)));
                </script></body></html>
                """.formatted(loginScript);
    }

    private static Answer nobody() {
        throw new LocalException("Nobody is at the page yet");
    }

    private void passLogin(HttpExchange exchange) throws IOException {
        pass(exchange, logins);
    }

    private void passState(HttpExchange exchange) throws IOException {
        pass(exchange, state);
    }

    private static void pass(HttpExchange exchange, Supplier<Answer> call) throws IOException {
        try {
            Answer answer = call.get();
            answer(exchange, answer.status(), "application/json", answer.text());
        } catch (LocalException e) {
            answer(exchange, 502, "text/plain; charset=utf-8", e.getMessage());
        }
    }

    private static void answer(HttpExchange exchange, int status, String contentType, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", contentType);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
