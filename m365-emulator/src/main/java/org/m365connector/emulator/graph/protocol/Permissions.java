package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which permissions a call takes, per kind of login: Microsoft's own metadata ({@code permissions-by-call.json}) and the few
 * lines that it lacks ({@code permissions-added.json}, each with its reason).
 */
public final class Permissions {

    private final Map<String, Map<LoginKind, Set<String>>> byCall = new HashMap<>();

    public Permissions() {
        read("permissions-by-call.json");
        read("permissions-added.json");
    }

    /** In Microsoft's order; empty: this kind of login cannot make the call at all. */
    List<String> needed(String method, String template, LoginKind kind) {
        String call = method + " " + template.toLowerCase(Locale.ROOT);
        return new ArrayList<>(byCall.getOrDefault(call, Map.of()).getOrDefault(kind, Set.of()));
    }

    /** Refuses a caller who may not make this call, in the words of the service behind it. */
    public void check(Workload workload, String method, String template, Caller caller) {
        List<String> needed = needed(method, template, caller.kind());
        if (needed.isEmpty() && caller.kind() == LoginKind.DELEGATED_PERSONAL) {
            throw workload.personalAccount();
        }
        if (needed.isEmpty()) {
            throw workload.unsupportedContext(caller);
        }
        if (!caller.holdsOneOf(needed)) {
            throw workload.missingPermission(caller, needed);
        }
    }

    private void read(String name) {
        try (InputStream in = Permissions.class.getResourceAsStream(name)) {
            for (Map.Entry<String, JsonNode> call : Json.MAPPER.readTree(in).properties()) {
                for (LoginKind kind : LoginKind.values()) {
                    for (JsonNode permission : call.getValue().path(kind.column())) {
                        String bare = permission.asText().replace("*", "");
                        byCall.computeIfAbsent(call.getKey(), key -> new HashMap<>())
                                .computeIfAbsent(kind, key -> new LinkedHashSet<>())
                                .add(bare);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
