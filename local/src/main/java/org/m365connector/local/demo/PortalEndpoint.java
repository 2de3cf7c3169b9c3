package org.m365connector.local.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** Plays the API endpoint of a portal without Kafka: takes events from whoever knows its key, and remembers them. */
public final class PortalEndpoint implements AutoCloseable {
    private static final String PATH = "/api/app/m365/events";

    private final HttpServer server;
    private final List<Seen> delivered = new CopyOnWriteArrayList<>();
    private final String apiKey = UUID.randomUUID().toString();

    public PortalEndpoint() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext(PATH, this::take);
        server.start();
    }

    /** To be written down with the portal: nothing is delivered elsewhere. */
    public String origin() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    public String url() {
        return origin() + PATH;
    }

    public String apiKey() {
        return apiKey;
    }

    /** What has come, in the order in which it came; the topic is its kind only. */
    public List<Seen> delivered() {
        return List.copyOf(delivered);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        var headers = exchange.getRequestHeaders();
        boolean known = apiKey.equals(headers.getFirst("X-API-KEY"));
        if (known) {
            Map<String, String> attributes = new HashMap<>();
            headers.forEach((name, values) -> {
                String lower = name.toLowerCase(Locale.ROOT);
                attributes.put(lower.startsWith("ce-") ? lower.substring(3) : lower, values.get(0));
            });
            delivered.add(new Seen(
                    headers.getFirst("X-M365-Topic"),
                    0,
                    delivered.size(),
                    String.valueOf(headers.getFirst("X-M365-Key")),
                    attributes,
                    Json.MAPPER.readTree(body)));
        }
        exchange.sendResponseHeaders(known ? 204 : 401, -1);
        exchange.close();
    }
}
