package org.m365connector.graphproxy.forward;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.problem.ProblemException;

/**
 * Reads a batch from its bytes, in one pass and without making a tree of it: what stands in the bodies inside is skipped,
 * however much it is.
 */
final class BatchParser {

    private static final Set<String> MEMBERS = Set.of("id", "method", "url", "headers", "body", "dependsOn");

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

    /** As an operation has them: decoded, in lower case. */
    private static final Set<String> VERSIONS = Set.of("v1.0", "beta");

    /** Names come from outside and are as many as somebody likes; none is worth being remembered. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final String version;
    private final JsonParser json;
    private final List<Batch.Item> items = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final Batch.Refusals refusals = new Batch.Refusals();

    private BatchParser(JsonParser json, String version) {
        this.json = json;
        this.version = version;
    }

    /** @throws ProblemException {@code batch-invalid}, or {@code batch-refused} with the items that are not allowed */
    static Batch parse(byte[] body, String version) {
        if (!isUtf8(body)) {
            throw Batch.invalid("charset");
        }
        try (JsonParser json = JSON.createParser(body)) {
            return new BatchParser(json, version).batch();
        } catch (IOException e) {
            throw Batch.invalid("not-json").causedBy(e);
        }
    }

    /** The parser would find out by itself that it is UTF-16 or 32, and Graph might not. Those have zeros among their first bytes. */
    private static boolean isUtf8(byte[] body) {
        for (int i = 0; i < Math.min(4, body.length); i++) {
            if (body[i] == 0 || body[i] == (byte) 0xfe || body[i] == (byte) 0xff) {
                return false;
            }
        }
        return true;
    }

    private Batch batch() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT
                || !"requests".equals(json.nextFieldName())
                || json.nextToken() != JsonToken.START_ARRAY) {
            throw Batch.invalid("requests");
        }
        int count = 0;
        for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
            count++;
            if (count > Batch.MOST_ITEMS) {
                throw Batch.invalid("count");
            }
            if (next != JsonToken.START_OBJECT) {
                throw Batch.invalid("id");
            }
            item();
        }
        if (count == 0) {
            throw Batch.invalid("count");
        }
        if (json.nextToken() != JsonToken.END_OBJECT) {
            throw Batch.invalid("requests");
        }
        if (json.nextToken() != null) {
            throw Batch.invalid("not-json");
        }
        refusals.throwIfAny();
        return new Batch(items);
    }

    private void item() throws IOException {
        Set<String> names = new HashSet<>();
        String id = null;
        String method = null;
        String url = null;
        boolean member = false;
        boolean header = false;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            if (!names.add(name)) {
                throw Batch.invalid("not-json");
            }
            JsonToken value = json.nextToken();
            switch (name) {
                case "id" -> id = text(value);
                case "method" -> method = text(value);
                case "url" -> url = text(value);
                case "headers" -> header = !headersAreAllowed(value);
                // Another spelling of one of them too: "Headers" may be read by Graph, and was not looked into here.
                default -> member |= !MEMBERS.contains(name);
            }
            json.skipChildren();
        }
        if (json.currentToken() != JsonToken.END_OBJECT) {
            throw Batch.invalid("not-json");
        }
        if (id == null || !ids.add(id.toLowerCase(Locale.ROOT))) {
            throw Batch.invalid("id");
        }
        String reason = member
                ? "member"
                : method == null || !METHODS.contains(method.toUpperCase(Locale.ROOT))
                        ? "method"
                        : url == null ? "url" : header ? "header" : null;
        String itsId = id;
        String itsMethod = method;
        String itsUrl = url;
        refusals.guarded(id, () -> {
            if (reason != null) {
                throw notAllowed(reason);
            }
            items.add(item(itsId, itsMethod.toUpperCase(Locale.ROOT), itsUrl));
        });
    }

    private String text(JsonToken value) throws IOException {
        return value == JsonToken.VALUE_STRING ? json.getText() : null;
    }

    private boolean headersAreAllowed(JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return true;
        }
        if (value != JsonToken.START_OBJECT) {
            return false;
        }
        boolean allowed = true;
        Set<String> names = new HashSet<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            if (!names.add(name)) {
                throw Batch.invalid("not-json");
            }
            allowed &= !Headers.isForUsAlone(name);
            json.nextToken();
            json.skipChildren();
        }
        return allowed;
    }

    private Batch.Item item(String id, String method, String url) {
        Operation operation = Operation.of(method, version + GraphAddress.relative(url));
        if (operation.namesBatch()) {
            throw notAllowed("batch-in-batch");
        }
        if (VERSIONS.contains(operation.segments().stream().findFirst().orElse(""))) {
            throw notAllowed("version");
        }
        return new Batch.Item(id, operation, url.contains("?") ? url.substring(url.indexOf('?') + 1) : "");
    }

    private static ProblemException notAllowed(String reason) {
        return new ProblemException(ProxyProblem.PATH_NOT_ALLOWED).with("reason", reason);
    }
}
