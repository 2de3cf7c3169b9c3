package org.m365connector.graphproxy.forward;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.audit.Templates;
import org.m365connector.problem.ProblemException;

/**
 * A batch ({@code POST /$batch}, https://learn.microsoft.com/graph/json-batching) as Graph will read it. What another reader
 * could read otherwise is refused: the body goes on unchanged, and must mean there what it meant here.
 */
record Batch(List<Item> items) {

    /** Graph takes no more in one batch, and no longer body. */
    static final int MOST_ITEMS = 20;

    static final long LONGEST = 4L * 1024 * 1024;

    /**
     * @param id as the caller gave it
     * @param query raw, without the question mark; empty where there is none
     */
    record Item(String id, Operation operation, String query) {}

    /** Whether one of the calls may be made; throws where not. */
    interface Check {
        /** @param query raw, without the question mark; empty where there is none */
        void require(Operation operation, String query);
    }

    private static final Set<String> MEMBERS = Set.of("id", "method", "url", "headers", "body", "dependsOn");

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

    private static final ObjectReader STRICT = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    /** As an operation has them: decoded, in lower case. */
    private static final Set<String> VERSIONS = Set.of("v1.0", "beta");

    Batch {
        items = List.copyOf(items);
    }

    /**
     * @param version {@code /v1.0} or {@code /beta}
     * @throws ProblemException {@code batch-invalid}, or {@code batch-refused} with the items that are not allowed
     */
    static Batch parse(Buffer body, MultiMap headers, String version) {
        if (Headers.isEncoded(headers)) {
            throw invalid("encoded");
        }
        if (Headers.isOfAnotherCharset(headers)) {
            throw invalid("charset");
        }
        JsonNode root;
        try {
            root = STRICT.readTree(body.getBytes());
        } catch (IOException e) {
            throw invalid("not-json").causedBy(e);
        }
        if (!root.isObject() || root.size() != 1 || !root.path("requests").isArray()) {
            throw invalid("requests");
        }
        JsonNode requests = root.path("requests");
        if (requests.isEmpty() || requests.size() > MOST_ITEMS) {
            throw invalid("count");
        }
        List<Item> items = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        Refusals refusals = new Refusals();
        for (JsonNode request : requests) {
            JsonNode id = request.path("id");
            if (!id.isTextual() || !ids.add(id.asText().toLowerCase(Locale.ROOT))) {
                throw invalid("id");
            }
            refusals.guarded(id.asText(), () -> items.add(item(id.asText(), request, version)));
        }
        refusals.throwIfAny();
        return new Batch(items);
    }

    /** Refuses the batch if one of its items is refused, and names all that are. */
    void check(Check check) {
        Refusals refusals = new Refusals();
        items.forEach(item -> refusals.guarded(item.id(), () -> check.require(item.operation(), item.query())));
        refusals.throwIfAny();
    }

    /** What kinds of calls are inside. */
    List<String> templates() {
        return items.stream()
                .map(item ->
                        Templates.of(item.operation().method(), item.operation().segments()))
                .toList();
    }

    /** Position of an item; 0 where there is none of that id. */
    int indexOf(String id) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).id().equalsIgnoreCase(id)) {
                return i;
            }
        }
        return 0;
    }

    private static Item item(String id, JsonNode request, String version) {
        request.fieldNames().forEachRemaining(name -> {
            // Another spelling of one of them too: "Headers" may be read by Graph, and was not looked into here.
            if (!MEMBERS.contains(name)) {
                throw notAllowed("member");
            }
        });
        String method = request.path("method").asText("").toUpperCase(Locale.ROOT);
        if (!request.path("method").isTextual() || !METHODS.contains(method)) {
            throw notAllowed("method");
        }
        if (!request.path("url").isTextual()) {
            throw notAllowed("url");
        }
        JsonNode headers = request.path("headers");
        if (!headers.isMissingNode() && !headers.isNull() && !headers.isObject()) {
            throw notAllowed("header");
        }
        headers.fieldNames().forEachRemaining(name -> {
            if (Headers.isForUsAlone(name)) {
                throw notAllowed("header");
            }
        });
        String url = request.path("url").asText();
        Operation operation = Operation.of(method, version + GraphAddress.relative(url));
        if (operation.namesBatch()) {
            throw notAllowed("batch-in-batch");
        }
        if (VERSIONS.contains(operation.segments().stream().findFirst().orElse(""))) {
            throw notAllowed("version");
        }
        return new Item(id, operation, url.contains("?") ? url.substring(url.indexOf('?') + 1) : "");
    }

    private static ProblemException notAllowed(String reason) {
        return new ProblemException(ProxyProblem.PATH_NOT_ALLOWED).with("reason", reason);
    }

    private static ProblemException invalid(String reason) {
        return new ProblemException(ProxyProblem.BATCH_INVALID).with("reason", reason);
    }

    private static final class Refusals {
        private final List<Map<String, Object>> items = new ArrayList<>();

        void guarded(String id, Runnable step) {
            try {
                step.run();
            } catch (ProblemException refusal) {
                Map<String, Object> told = new LinkedHashMap<>();
                told.put("id", id);
                told.put("problem", refusal.type().slug());
                told.put("status", refusal.type().status());
                items.add(told);
            }
        }

        void throwIfAny() {
            if (!items.isEmpty()) {
                String ids = items.stream()
                        .map(item -> (String) item.get("id"))
                        .reduce((a, b) -> a + ", " + b)
                        .orElse("");
                throw new ProblemException(ProxyProblem.BATCH_REFUSED, ids).with("items", items);
            }
        }
    }
}
