package org.m365connector.local.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.local.suite.LocalException;

class PlainBrowserTest {
    private final List<String> posted = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/ticket", exchange -> {
            exchange.getResponseHeaders().set("Location", "/authorize?x=1");
            exchange.getResponseHeaders().set("Set-Cookie", "seen=1; Path=/; HttpOnly");
            answer(exchange, 303, "");
        });
        server.createContext("/authorize", exchange -> answer(exchange, 200, """
                <form method="post" action="/login"><input type="hidden" name="flow" value="a&amp;b">
                <input type=email name=login><input type="password" name="passwd">
                <button type="submit">Sign in</button>
                <button type="submit" name="cancel" value="cancel">Cancel</button></form>"""));
        server.createContext("/login", exchange -> {
            posted.add(body(exchange));
            answer(exchange, 200, """
                    <form method="post" action="/consent"><input type="hidden" name="flow" value="2">
                    <button name="consent" value="accept">Accept</button>
                    <button name="consent" value="cancel">Cancel</button></form>""");
        });
        server.createContext("/consent", exchange -> {
            posted.add(body(exchange) + " " + exchange.getRequestHeaders().getFirst("Cookie"));
            answer(exchange, 200, "<html><style>p{}</style><body><p>Signed  in</p></body></html>");
        });
        server.createContext("/broken", exchange -> answer(exchange, 502, "<p>Entra is away</p>"));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void fillsInFormAfterFormAndPressesTheRightButton() {
        try (PlainBrowser browser = new PlainBrowser()) {
            String said = browser.signInByLink(base() + "/ticket", "ada@contoso.example", "secret word");

            assertThat(said).isEqualTo("Signed in");
            assertThat(posted)
                    .containsExactly(
                            "flow=a%26b&login=ada%40contoso.example&passwd=secret+word",
                            "flow=2&consent=accept seen=1");
        }
    }

    @Test
    void saysWhatAFailedSignInSays() {
        try (PlainBrowser browser = new PlainBrowser()) {
            assertThatThrownBy(() -> browser.signInByLink(base() + "/broken", "ada@contoso.example", "x"))
                    .isInstanceOf(LocalException.class)
                    .hasMessageContaining("502")
                    .hasMessageContaining("Entra is away");
        }
    }

    private String base() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String html) throws IOException {
        byte[] body = html.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
