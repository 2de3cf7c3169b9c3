package org.m365connector.emulator.graph.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.http.RequestLog;

/**
 * The addresses at which files come and go. Who has one may use it: a token is not asked for, and as with Microsoft whoever
 * sends one all the same is refused. They lie on another host than Graph, {@code 127.0.0.1} instead of {@code localhost}, so
 * that a client that keeps tokens for Graph's host is told from one that does not. The secret stands in the query, which the
 * log of requests does not keep.
 */
public final class Transfers {

    private static final String UP = "/up/";
    private static final String DOWN = "/down/";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Switches switches;
    private final Clock clock;
    private final Map<String, UploadSession> uploads = new HashMap<>();
    private final Map<String, byte[]> downloads = new HashMap<>();

    public Transfers(Switches switches, Clock clock) {
        this.switches = switches;
        this.clock = clock;
    }

    public void reset() {
        uploads.clear();
        downloads.clear();
    }

    /** An address for pieces, and until when it is good. */
    public record Opened(String url, Instant expires) {}

    /** A session at an address like OneDrive's. */
    public Opened open(Call call, Upload upload) {
        return open(call, upload, UP + random(9), "tempauth");
    }

    /**
     * A session.
     *
     * @param path of its address
     * @param parameter of the query that holds the secret
     */
    public Opened open(Call call, Upload upload, String path, String parameter) {
        Instant expires = clock.instant().plus(switches.seconds("uploads.sessionSeconds"));
        String query = parameter + "=" + random(24);
        uploads.put(path + "?" + query, new UploadSession(upload, expires));
        return new Opened(host(call) + path + "?" + query, expires);
    }

    /** The address at which this can be fetched. */
    public String offer(Call call, byte[] content) {
        String target = DOWN + random(9) + "?tempauth=" + random(24);
        downloads.put(target, content);
        return host(call) + target;
    }

    public void mount(Router router) {
        router.routeWithRegex("/(up|api/v2\\.0)/.*").handler(ctx -> {
            RequestLog.of(ctx).kind("upload");
            answer(ctx, () -> upload(ctx));
        });
        router.get(DOWN + "*").handler(ctx -> {
            RequestLog.of(ctx).kind("download");
            byte[] content = downloads.get(ctx.request().uri());
            if (content == null || ctx.request().headers().contains("Authorization")) {
                answer(ctx, () -> {
                    requireNoToken(ctx);
                    throw notFound();
                });
            } else {
                ctx.response()
                        .putHeader("Content-Type", "application/octet-stream")
                        .end(Buffer.buffer(content));
            }
        });
    }

    private Reply upload(RoutingContext ctx) {
        requireNoToken(ctx);
        String target = ctx.request().uri();
        UploadSession session = Optional.ofNullable(uploads.get(target))
                .filter(found -> clock.instant().isBefore(found.expires()))
                .orElseThrow(Transfers::notFound);
        return switch (ctx.request().method().name()) {
            case "GET" -> session.state();
            case "DELETE" -> {
                uploads.remove(target);
                yield Reply.noContent();
            }
            case "PUT" -> ended(target, session.put(range(ctx), body(ctx)));
            case "POST" -> ended(target, session.commit());
            default -> throw GraphError.of(405, "invalidRequest", "The method is not allowed here.");
        };
    }

    private Reply ended(String target, UploadSession.Outcome outcome) {
        if (outcome.over()) {
            uploads.remove(target);
        }
        return outcome.reply();
    }

    private static Optional<ContentRange> range(RoutingContext ctx) {
        return Optional.ofNullable(ctx.request().getHeader("Content-Range")).flatMap(ContentRange::parse);
    }

    private static byte[] body(RoutingContext ctx) {
        Buffer body = ctx.body().buffer();
        return body == null ? new byte[0] : body.getBytes();
    }

    private static void requireNoToken(RoutingContext ctx) {
        if (ctx.request().headers().contains("Authorization")) {
            throw GraphError.of(
                    401, "unauthenticated", "The address is pre-authenticated and takes no Authorization header.");
        }
    }

    private static GraphError notFound() {
        return GraphError.of(404, "itemNotFound", "The upload session was not found")
                .withInner(Map.of("code", "uploadSessionNotFound"));
    }

    private static void answer(RoutingContext ctx, Supplier<Reply> work) {
        Reply reply;
        try {
            reply = work.get();
        } catch (GraphError e) {
            ObjectNode body = Json.object();
            ObjectNode error = body.putObject("error").put("code", e.code()).put("message", e.getMessage());
            if (!e.innerMembers().isEmpty()) {
                error.set("innererror", Json.MAPPER.valueToTree(e.innerMembers()));
            }
            reply = new Reply(e.status(), Optional.of(body), Map.of());
        }
        HttpServerResponse response = ctx.response().setStatusCode(reply.status());
        reply.headers().forEach(response::putHeader);
        if (reply.body().isEmpty()) {
            response.end();
        } else {
            response.putHeader("Content-Type", "application/json; charset=utf-8")
                    .end(Buffer.buffer(reply.body().get().toString()));
        }
    }

    private static String host(Call call) {
        String base = call.base().substring(0, call.base().lastIndexOf('/'));
        return base.replaceFirst("^(https?)://localhost(:|$)", "$1://127.0.0.1$2");
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }
}
