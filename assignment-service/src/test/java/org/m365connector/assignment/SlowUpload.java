package org.m365connector.assignment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A file of assignments that is sent bit by bit, by a client who keeps nothing back. */
final class SlowUpload {
    private final Socket socket;

    /** What is answered. */
    record Answer(int statusCode, String headers, String body) {
        Optional<String> header(String name) {
            return headers.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }
    }

    /** @param address of the import, with what it is asked for */
    SlowUpload(String address, String begin) throws IOException {
        var uri = URI.create(address);
        socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(180_000);
        send("POST " + uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nAuthorization: Bearer " + TestPortal.ADMIN_KEY
                + "\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        write(begin);
    }

    /** All of a file at once, and what is answered to it. */
    static Answer answered(String address, String file) {
        try {
            return new SlowUpload(address, file).finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(String text) throws IOException {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        send(Integer.toHexString(length) + "\r\n" + text + "\r\n");
    }

    /** All has been sent. */
    void end() throws IOException {
        send("0\r\n\r\n");
    }

    Answer finish() throws IOException {
        end();
        try (socket) {
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            return new Answer(
                    Integer.parseInt(answer.substring(9, 12)), answer.substring(0, end), answer.substring(end + 4));
        }
    }

    void hangUp() throws IOException {
        socket.close();
    }

    private void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }
}
