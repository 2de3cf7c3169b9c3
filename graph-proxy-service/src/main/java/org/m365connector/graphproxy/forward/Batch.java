package org.m365connector.graphproxy.forward;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
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

    Batch {
        items = List.copyOf(items);
    }

    /**
     * @param version {@code /v1.0} or {@code /beta}
     * @throws ProblemException {@code batch-invalid}, or {@code batch-refused} with the items that are not allowed
     */
    static Batch parse(byte[] body, String version) {
        return BatchParser.parse(body, version);
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

    /** Position of an item; -1 where there is none of that id. */
    int indexOf(String id) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).id().equalsIgnoreCase(id)) {
                return i;
            }
        }
        return -1;
    }

    static ProblemException invalid(String reason) {
        return new ProblemException(ProxyProblem.BATCH_INVALID).with("reason", reason);
    }

    /** Which items are refused, and with what. */
    static final class Refusals {
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
