package org.m365connector.auth.permission;

import static io.restassured.RestAssured.given;

import com.sun.net.httpserver.HttpServer;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.m365connector.auth.EntraDoor;
import org.m365connector.emulator.Seed;

/** Makes the calls of {@code graph-calls.txt} at the emulator's Graph, with ids of things that are there. */
final class GraphOfTests implements AutoCloseable {

    private static final int THROTTLED = 429;

    private final EntraDoor door;
    private final String base;
    private final String mail;
    private final String message;
    private final String reply;
    private final String chatMessage;
    private final String event;
    private final String calendar;
    private final String contact;
    private final String contactFolder;
    private final String driveItem;
    private final String drive;
    private final HttpServer webhook;
    private String subscription = "none";

    GraphOfTests(EntraDoor door) {
        this.door = door;
        base = door.base();
        mail = door.activity(Map.of("kind", "mail", "mailbox", Seed.ADA, "subject", "Hello"));
        message = door.activity(Map.of(
                "kind",
                "channelMessage",
                "team",
                Seed.TEAM_NAME,
                "channel",
                Seed.GENERAL,
                "user",
                Seed.BEN,
                "content",
                "Hello"));
        reply = door.activity(Map.of(
                "kind",
                "channelMessage",
                "team",
                Seed.TEAM_NAME,
                "channel",
                Seed.GENERAL,
                "user",
                Seed.BEN,
                "content",
                "Hello to you",
                "replyTo",
                message));
        chatMessage = door.activity(Map.of("kind", "chatMessage", "user", Seed.BEN, "content", "Hello"));
        event = door.activity(Map.of("kind", "event", "mailbox", Seed.ADA, "subject", "Hello"));
        calendar =
                door.activity(Map.of("kind", "calendar", "mailbox", Seed.ADA, "name", "Projects " + UUID.randomUUID()));
        contact = door.activity(Map.of("kind", "contact", "mailbox", Seed.ADA, "name", "Grace Hopper"));
        contactFolder = door.activity(
                Map.of("kind", "contactFolder", "mailbox", Seed.ADA, "name", "Suppliers " + UUID.randomUUID()));
        driveItem =
                door.activity(Map.of("kind", "driveItem", "mailbox", Seed.ADA, "name", "Plan " + UUID.randomUUID()));
        drive = driveOfAda();
        webhook = startWebhook();
    }

    /**
     * @param call as in the list, {@code GET /users/{id}/messages}
     * @param who {@code /me}, or {@code /users/<id>}
     */
    int status(String call, String who, String token) {
        int status = once(call, who, token);
        if (status == THROTTLED) {
            door.advance(Duration.ofSeconds(30));
            status = once(call, who, token);
        }
        return status;
    }

    private int once(String call, String who, String token) {
        String method = call.substring(0, call.indexOf(' '));
        String path = call.substring(call.indexOf(' ') + 1);
        if (method.equals("SUBSCRIBE")) {
            return subscribe(filled(path, who, mail), token);
        }
        boolean draftNeeded = path.startsWith("/users/{id}/messages/{id}") && !method.equals("GET");
        if (draftNeeded) {
            Response draft = send("POST", who + "/messages", token);
            return draft.statusCode() == 201
                    ? send(method, filled(path, who, draft.path("id")), token).statusCode()
                    : draft.statusCode();
        }
        return send(method, filled(path, who, mail), token).statusCode();
    }

    private Response send(String method, String path, String token) {
        var request = given().urlEncodingEnabled(false).header("Authorization", "Bearer " + token);
        if (!method.equals("GET") && !method.equals("DELETE") && !path.endsWith("/send")) {
            request.contentType(ContentType.JSON).body(body(path));
        }
        return request.request(method, base + "/v1.0" + path);
    }

    private static Map<String, Object> body(String path) {
        if (path.startsWith("/subscriptions/")) {
            return Map.of("expirationDateTime", soon());
        }
        return path.startsWith("/teams/")
                ? Map.of("body", Map.of("content", "Hello"))
                : Map.of("subject", "Hello", "toRecipients", new Object[] {
                    Map.of("emailAddress", Map.of("address", Seed.BEN))
                });
    }

    private int subscribe(String resource, String token) {
        Response made = given().header("Authorization", "Bearer " + token)
                .contentType(ContentType.JSON)
                .body(Map.of(
                        "changeType",
                        resource.endsWith("/drive/root") ? "updated" : "created,updated,deleted",
                        "notificationUrl",
                        "http://localhost:" + webhook.getAddress().getPort() + "/",
                        "resource",
                        resource,
                        "expirationDateTime",
                        soon()))
                .post(base + "/v1.0/subscriptions");
        if (made.statusCode() == 201) {
            subscription = made.path("id");
        }
        return made.statusCode();
    }

    private String filled(String path, String who, String mailId) {
        String filled = path.startsWith("/users/{id}") ? who + path.substring("/users/{id}".length()) : path;
        if (filled.contains("/chats/{id}")) {
            return filled.replace("/chats/{id}", "/chats/" + Seed.CHAT_ID)
                    .replace("/messages/{id}", "/messages/" + chatMessage);
        }
        if (filled.endsWith("/calendarview/delta")) {
            return filled + "?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z";
        }
        return filled.toLowerCase(Locale.ROOT).startsWith("/teams")
                ? filled.replace("/teams/{id}", "/teams/" + Seed.TEAM_ID)
                        .replace("/channels/{id}", "/channels/" + Seed.GENERAL_ID)
                        .replace("/messages/{id}", "/messages/" + message)
                        .replace("/replies/{id}", "/replies/" + reply)
                : filled.replace("/mailfolders/{id}", "/mailfolders/inbox")
                        .replace("/messages/{id}", "/messages/" + mailId)
                        .replace("/events/{id}", "/events/" + event)
                        .replace("/calendars/{id}", "/calendars/" + calendar)
                        .replace("/contacts/{id}", "/contacts/" + contact)
                        .replace("/contactfolders/{id}", "/contactfolders/" + contactFolder)
                        .replace("/drives/{id}", "/drives/" + drive)
                        .replace("/items/{id}/delta", "/items/root/delta")
                        .replace("/items/{id}", "/items/" + driveItem)
                        .replace("/subscriptions/{id}", "/subscriptions/" + subscription);
    }

    private String driveOfAda() {
        String container = given().get(base + "/_emulator/truth?resource=users/" + Seed.ADA_OID + "/drive")
                .then()
                .statusCode(200)
                .extract()
                .path("resource");
        return container.split("/", -1)[1];
    }

    private static String soon() {
        return Instant.now().plus(10, ChronoUnit.MINUTES).toString();
    }

    private static HttpServer startWebhook() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
            server.createContext("/", exchange -> {
                String query = exchange.getRequestURI().getRawQuery();
                byte[] token = query == null
                        ? new byte[0]
                        : URLDecoder.decode(query.substring(query.indexOf('=') + 1), StandardCharsets.UTF_8)
                                .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain");
                exchange.sendResponseHeaders(200, token.length == 0 ? -1 : token.length);
                exchange.getResponseBody().write(token);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        webhook.stop(0);
    }
}
