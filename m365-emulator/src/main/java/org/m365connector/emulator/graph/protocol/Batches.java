package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.m365connector.emulator.graph.switches.Later;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * {@code POST /$batch}: up to 20 requests under one token, side by side unless one depends on another, four of a
 * mailbox at a time, each with its own status, answered in any order. Whatever concerns a single call, permissions and limits
 * too, concerns each of them.
 */
public final class Batches {

    private record Item(String id, ObjectNode request, List<String> dependsOn) {}

    private final GraphDispatcher dispatcher;
    private final Switches switches;
    private final UnaryOperator<String> mailbox;

    /** @param mailbox one name for a person whom paths name in several ways */
    public Batches(GraphDispatcher dispatcher, Switches switches, UnaryOperator<String> mailbox) {
        this.dispatcher = dispatcher;
        this.switches = switches;
        this.mailbox = mailbox;
    }

    public static boolean isBatch(String method, String rawPathBelowVersion) {
        List<String> path = GraphPath.segments(rawPathBelowVersion);
        return method.equals("POST") && path.size() == 1 && path.get(0).equalsIgnoreCase("$batch");
    }

    /** Never fails: errors are answers. */
    public Future<Reply> answer(GraphRequest request, Later work) {
        return dispatcher.answered(request, () -> {
            Caller caller = dispatcher.authenticate(request);
            request.whoCalls().accept(caller);
            return new Run(request, work, caller, items(request.body())).responses();
        });
    }

    private List<Item> items(Buffer body) {
        JsonNode requests = requests(body);
        int most = switches.number("batch.maxRequests");
        if (requests.isEmpty() || requests.size() > most) {
            throw GraphError.badRequest("Number of batch request steps must be between 1 and " + most + ".");
        }
        Map<String, Item> items = new LinkedHashMap<>();
        for (JsonNode each : requests) {
            String id = each.path("id").asText("");
            boolean complete = each instanceof ObjectNode
                    && !id.isEmpty()
                    && each.path("method").isTextual()
                    && each.path("url").isTextual();
            if (!complete) {
                throw GraphError.badRequest("Invalid batch payload format.");
            }
            if (each.has("body") && contentType(each).isEmpty()) {
                throw GraphError.badRequest("Request body requires a Content-Type header. Request id: " + id);
            }
            List<String> dependsOn = new ArrayList<>();
            each.path("dependsOn").forEach(other -> dependsOn.add(key(other.asText())));
            if (items.put(key(id), new Item(id, (ObjectNode) each, dependsOn)) != null) {
                throw GraphError.badRequest("Request id values must be unique. Request id: " + id);
            }
        }
        requireOrder(items);
        return List.copyOf(items.values());
    }

    private static JsonNode requests(Buffer body) {
        try {
            JsonNode root = Json.MAPPER.readTree(body.getBytes());
            if (root != null && root.path("requests").isArray()) {
                return root.path("requests");
            }
        } catch (IOException e) {
            // Answered like a body that is something else.
        }
        throw GraphError.badRequest("Invalid batch payload format.");
    }

    /** Whoever waits for himself, or for nobody, would wait for ever. */
    private static void requireOrder(Map<String, Item> items) {
        Map<String, Integer> done = new HashMap<>();
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Map.Entry<String, Item> each : items.entrySet()) {
                if (!done.containsKey(each.getKey())
                        && done.keySet().containsAll(each.getValue().dependsOn())) {
                    done.put(each.getKey(), done.size());
                    moved = true;
                }
            }
        }
        if (done.size() < items.size()) {
            throw GraphError.badRequest("Invalid dependsOn: a request id that does not exist, or a circle.");
        }
    }

    private static String key(String id) {
        return id.toLowerCase(Locale.ROOT);
    }

    private static Optional<String> contentType(JsonNode request) {
        return header(request, "Content-Type");
    }

    private static Optional<String> header(JsonNode request, String name) {
        for (Map.Entry<String, JsonNode> header : request.path("headers").properties()) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return Optional.of(header.getValue().asText());
            }
        }
        return Optional.empty();
    }

    /** One batch while it runs. */
    private final class Run {
        private final GraphRequest outer;
        private final Later work;
        private final Caller caller;
        private final List<Item> items;
        private final Map<String, Promise<Integer>> statuses = new HashMap<>();
        private final List<ObjectNode> responses = new ArrayList<>();
        private final Map<String, Integer> running = new HashMap<>();
        private final Map<String, Deque<Runnable>> waiting = new HashMap<>();
        private final Promise<Reply> answer = Promise.promise();

        Run(GraphRequest outer, Later work, Caller caller, List<Item> items) {
            this.outer = outer;
            this.work = work;
            this.caller = caller;
            this.items = items;
            items.forEach(item -> statuses.put(key(item.id()), Promise.promise()));
        }

        Future<Reply> responses() {
            for (Item item : items) {
                List<Future<Integer>> before = item.dependsOn().stream()
                        .map(id -> statuses.get(id).future())
                        .toList();
                Future.all(new ArrayList<>(before)).onSuccess(done -> {
                    if (before.stream().anyMatch(status -> status.result() >= 400)) {
                        over(item, dispatcher.failedDependency(outer));
                    } else {
                        inTurn(owner(item), () -> run(item));
                    }
                });
            }
            return answer.future();
        }

        private void run(Item item) {
            dispatcher.answer(inner(item), work).onSuccess(reply -> {
                over(item, reply);
                leave(owner(item));
            });
        }

        private void inTurn(String owner, Runnable task) {
            if (running.getOrDefault(owner, 0) < switches.number("batch.parallelPerMailbox")) {
                running.merge(owner, 1, Integer::sum);
                task.run();
            } else {
                waiting.computeIfAbsent(owner, key -> new ArrayDeque<>()).add(task);
            }
        }

        private void leave(String owner) {
            running.merge(owner, -1, Integer::sum);
            Deque<Runnable> queue = waiting.getOrDefault(owner, new ArrayDeque<>());
            if (!queue.isEmpty()) {
                inTurn(owner, queue.removeFirst());
            }
        }

        private String owner(Item item) {
            List<String> path = GraphPath.segments(path(item));
            if (path.isEmpty()) {
                return "";
            }
            return path.get(0).equalsIgnoreCase("me")
                    ? caller.id()
                    : path.size() > 1 ? mailbox.apply(path.get(1)) : path.get(0);
        }

        private GraphRequest inner(Item item) {
            ObjectNode request = item.request();
            String url = request.path("url").asText();
            int question = url.indexOf('?');
            return new GraphRequest(
                    request.path("method").asText().toUpperCase(Locale.ROOT),
                    outer.requestId(),
                    outer.serverBase(),
                    outer.version(),
                    path(item),
                    question < 0 ? null : url.substring(question + 1).replace(" ", "%20"),
                    name -> headers(request, name),
                    ignored -> {},
                    body(request));
        }

        private String path(Item item) {
            String url = item.request().path("url").asText();
            int question = url.indexOf('?');
            String path = question < 0 ? url : url.substring(0, question);
            return path.startsWith("/") ? path : "/" + path;
        }

        /** An item has no identity of its own. */
        private List<String> headers(ObjectNode request, String name) {
            if (name.equalsIgnoreCase("Authorization") || name.equalsIgnoreCase("client-request-id")) {
                return outer.headers().apply(name);
            }
            return header(request, name).map(List::of).orElse(List.of());
        }

        private Buffer body(ObjectNode request) {
            JsonNode body = request.path("body");
            if (body.isMissingNode() || body.isNull()) {
                return Buffer.buffer();
            }
            boolean json = contentType(request)
                    .map(type -> type.toLowerCase(Locale.ROOT).startsWith("application/json"))
                    .orElse(false);
            if (json || !body.isTextual()) {
                return Buffer.buffer(body.toString());
            }
            try {
                return Buffer.buffer(Base64.getUrlDecoder().decode(body.asText().replace("=", "")));
            } catch (IllegalArgumentException e) {
                return Buffer.buffer(body.asText().getBytes(StandardCharsets.UTF_8));
            }
        }

        private void over(Item item, Reply reply) {
            ObjectNode response = Json.object().put("id", item.id()).put("status", reply.status());
            ObjectNode headers = response.putObject("headers");
            headers.put("Cache-Control", "no-cache");
            reply.headers().forEach((name, value) -> {
                if (name.equals("Retry-After") || name.equals("Location") || name.equals("Preference-Applied")) {
                    headers.put(name, value);
                }
            });
            reply.body().ifPresent(body -> {
                headers.put("Content-Type", "application/json");
                response.set("body", body);
            });
            responses.add(response);
            statuses.get(key(item.id())).complete(reply.status());
            if (responses.size() == items.size()) {
                if (switches.flag("batch.shuffle")) {
                    Collections.shuffle(responses);
                }
                ObjectNode body = Json.object();
                ArrayNode all = body.putArray("responses");
                responses.forEach(all::add);
                answer.complete(Reply.ok(body));
            }
        }
    }
}
