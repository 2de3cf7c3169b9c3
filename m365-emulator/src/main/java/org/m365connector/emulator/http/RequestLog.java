package org.m365connector.emulator.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Every request seen, with who made it and how it ended. Queries, bodies and headers but {@code traceparent} are not kept, so no
 * token or password can be read here. Times are the machine's, not the emulator's.
 */
public final class RequestLog {

    private static final int KEPT = 20_000;
    private static final String KEY = RequestLog.class.getName();

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<String, Long> counters = new TreeMap<>();
    private long next = 1;

    /** One request; handlers fill in what they find out. */
    public final class Entry {

        private final long number;
        private final Instant time = Instant.now();
        private final String method;
        private final String path;
        private final String traceParent;
        private final String requestId = UUID.randomUUID().toString();
        private String kind = "other";
        private String clientId = "";
        private String user = "";
        private String fault = "";
        private int status;

        private Entry(long number, String method, String path, String traceParent) {
            this.number = number;
            this.method = method;
            this.path = path;
            this.traceParent = traceParent;
        }

        /** The id that goes into headers and error bodies. */
        public String requestId() {
            return requestId;
        }

        /** Counts the request under this kind: token, authorize, graph, batch, subscription … */
        public Entry kind(String newKind) {
            kind = newKind;
            count(newKind);
            return this;
        }

        public Entry clientId(String id) {
            clientId = id;
            return this;
        }

        public String clientId() {
            return clientId;
        }

        /** The user principal name of a delegated call. */
        public Entry user(String upn) {
            user = upn;
            return this;
        }

        /** A fault was applied. */
        public Entry fault(String id) {
            fault = id;
            return this;
        }

        void status(int code) {
            status = code;
        }

        ObjectNode json() {
            ObjectNode json = Json.object();
            json.put("seq", number)
                    .put("time", time.toString())
                    .put("method", method)
                    .put("path", path);
            json.put("kind", kind).put("status", status).put("requestId", requestId);
            if (!clientId.isEmpty()) {
                json.put("clientId", clientId);
            }
            if (!user.isEmpty()) {
                json.put("user", user);
            }
            if (!fault.isEmpty()) {
                json.put("fault", fault);
            }
            if (!traceParent.isEmpty()) {
                json.put("traceparent", traceParent);
            }
            return json;
        }
    }

    /** The entry of this request. */
    public static Entry of(RoutingContext ctx) {
        return ctx.get(KEY);
    }

    /** Opens the entry; the status follows when the answer has ended, 0 means that the connection was cut. */
    Entry open(RoutingContext ctx) {
        Entry entry = new Entry(
                next++,
                ctx.request().method().name(),
                ctx.request().path(),
                Objects.requireNonNullElse(ctx.request().getHeader("traceparent"), ""));
        entries.add(entry);
        if (entries.size() > KEPT) {
            entries.removeFirst();
        }
        ctx.put(KEY, entry);
        ctx.addEndHandler(done -> entry.status(done.succeeded() ? ctx.response().getStatusCode() : 0));
        return entry;
    }

    /** One more of this kind. */
    public void count(String kind) {
        counters.merge(kind, 1L, Long::sum);
    }

    public long counted(String kind) {
        return counters.getOrDefault(kind, 0L);
    }

    public void reset() {
        entries.clear();
        counters.clear();
    }

    /** @param since only entries with a greater {@code seq}, or later than this time */
    public ObjectNode json(long since, Instant after) {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("requests");
        for (Entry entry : entries) {
            if (entry.number > since && entry.time.isAfter(after)) {
                list.add(entry.json());
            }
        }
        ObjectNode counts = json.putObject("counters");
        counters.forEach(counts::put);
        return json;
    }
}
