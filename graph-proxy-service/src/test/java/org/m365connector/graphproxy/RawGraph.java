package org.m365connector.graphproxy;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A Graph that answers each request without a body with the bytes that a test chooses, right or wrong. */
final class RawGraph implements AutoCloseable {

    /** What it does on a connection, after a request has been read. */
    interface Answer {
        void to(Socket socket) throws IOException;
    }

    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Answer answer;

    RawGraph(int port, Answer first) throws IOException {
        answer = first;
        // A connection of the test before may be on its way out.
        server = await().atMost(Duration.ofMinutes(3))
                .ignoreExceptions()
                .until(() -> new ServerSocket(port, 50, InetAddress.getByName("localhost")), Objects::nonNull);
        start(this::accept);
    }

    static RawGraph saying(int port, String bytes) throws IOException {
        return new RawGraph(port, text(bytes));
    }

    static Answer text(String bytes) {
        return socket -> {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        };
    }

    void answer(Answer next) {
        answer = next;
    }

    /** Heads of the requests that came. */
    List<String> requests() {
        return requests;
    }

    private void accept() throws IOException {
        while (!server.isClosed()) {
            Socket socket = server.accept();
            sockets.add(socket);
            start(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (head.length() > 3 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                requests.add(head.toString());
                head.setLength(0);
                answer.to(socket);
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void start(Step step) {
        Thread thread = new Thread(
                () -> {
                    try {
                        step.run();
                    } catch (IOException e) {
                        // The other side hung up, or the test is over.
                    }
                },
                "raw-graph");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
