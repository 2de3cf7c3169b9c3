package org.m365connector.sync.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A portal's API endpoint: notes what comes, and answers as it is told. */
final class PortalEndpointOfTests implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
    private volatile Function<Call, Integer> answers = call -> 200;

    /** @param body one character for each byte */
    record Call(Map<String, String> headers, String body) {
        byte[] bytes() {
            return body.getBytes(StandardCharsets.ISO_8859_1);
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        String id() {
            return header("ce-id");
        }
    }

    /** Reads the call and cuts the connection: what was done is not known. */
    static final int CUT = -1;

    PortalEndpointOfTests() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/api/events", this::handle);
        server.start();
    }

    String origin() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    String url() {
        return origin() + "/api/events";
    }

    void answer(Function<Call, Integer> newAnswers) {
        answers = newAnswers;
    }

    List<Call> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    /** Ids of events in the order in which they came, those of one key. */
    List<String> ids(String key) {
        return calls().stream()
                .filter(call -> call.header("x-m365-key").equals(key))
                .map(Call::id)
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
        Call call =
                new Call(headers, new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
        int status = answers.apply(call);
        calls.add(call);
        if (status != CUT) {
            exchange.sendResponseHeaders(status, -1);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
