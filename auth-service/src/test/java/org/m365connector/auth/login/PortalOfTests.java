package org.m365connector.auth.login;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A portal's page with a sign-in button, on an origin of its own; its server asks auth-service with the portal's key. */
final class PortalOfTests implements AutoCloseable {

    private final HttpServer server;
    private final String script;
    private final Supplier<Response> ticket;
    private final Supplier<Response> state;
    private final AtomicInteger polls = new AtomicInteger();

    PortalOfTests(String script, Supplier<Response> ticket, Supplier<Response> state) {
        this.script = script;
        this.ticket = ticket;
        this.state = state;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Browsers open connections in advance; one of them must not hold the others up.
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> answer(exchange, 200, "text/html; charset=utf-8", html()));
        server.createContext("/m365/ticket", exchange -> pass(exchange, this.ticket));
        server.createContext("/m365/state", exchange -> {
            pass(exchange, this.state);
            polls.incrementAndGet();
        });
        server.start();
    }

    String origin() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String url() {
        return origin() + "/";
    }

    /** How often the page has asked how things stand. */
    int polls() {
        return polls.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private String html() {
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><title>Portal</title><script src="%s"></script></head>
                <body><h1>Portal</h1>
                <button id="sign-in">Connect with Microsoft 365</button>
                <button id="leave">Connect in this window</button>
                <p id="hint"></p><p id="end"></p>
                <script>
                  const by = id => document.getElementById(id);
                  const show = result => { by("end").textContent = result.state + " " + result.reason; };
                  by("sign-in").addEventListener("click", () => M365Login.open({
                    ticketUrl: "/m365/ticket", stateUrl: "/m365/state", pollEvery: 200, closedAfter: 1500,
                    failed: reason => { by("hint").textContent = reason; }
                  }).then(show, error => show({state: "error", reason: error.message})));
                  by("leave").addEventListener("click", () => M365Login.redirect({ticketUrl: "/m365/ticket"}));
                  if (M365Login.result()) { show(M365Login.result()); }
                </script></body></html>
                """.formatted(script);
    }

    private static void pass(HttpExchange exchange, Supplier<Response> call) throws IOException {
        Response answer = call.get();
        answer(exchange, answer.statusCode(), "application/json", answer.asString());
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
