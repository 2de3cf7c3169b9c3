package org.m365connector.emulator.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;

/** A subscriber: answers handshakes and keeps what it is told. */
final class WebhookOfTests implements AutoCloseable {

    /** One POST. */
    record Delivery(String path, JsonNode body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final List<String> rawQueries = new CopyOnWriteArrayList<>();
    volatile IntSupplier status = () -> 202;
    volatile UnaryOperator<String> echo = UnaryOperator.identity();
    volatile long delayMillis;

    WebhookOfTests() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String query = exchange.getRequestURI().getRawQuery();
        int marker = query == null ? -1 : query.indexOf("validationToken=");
        if (marker >= 0) {
            rawQueries.add(query);
            String token =
                    URLDecoder.decode(query.substring(marker + "validationToken=".length()), StandardCharsets.UTF_8);
            tokens.add(token);
            byte[] answer = echo.apply(token).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
            return;
        }
        sleep();
        int answer = status.getAsInt();
        if (answer / 100 == 2) {
            deliveries.add(new Delivery(exchange.getRequestURI().getPath(), new ObjectMapper().readTree(body)));
        }
        exchange.sendResponseHeaders(answer, -1);
        exchange.close();
    }

    private void sleep() {
        try {
            Thread.sleep(delayMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    List<String> tokens() {
        return tokens;
    }

    List<String> rawQueries() {
        return rawQueries;
    }

    List<Delivery> deliveries() {
        return deliveries;
    }

    void forget() {
        deliveries.clear();
    }

    /** All items that came to this path. */
    List<JsonNode> items(String path) {
        List<JsonNode> items = new ArrayList<>();
        for (Delivery delivery : deliveries) {
            if (delivery.path().equals(path)) {
                delivery.body().path("value").forEach(items::add);
            }
        }
        return items;
    }

    /** The answers in this order, then 202. */
    void answers(Integer... statuses) {
        List<Integer> left = new CopyOnWriteArrayList<>(List.of(statuses));
        status = () -> left.isEmpty() ? 202 : left.remove(0);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
