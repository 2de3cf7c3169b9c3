package org.m365connector.auth.permission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Microsoft's permission metadata, as far as our features need it ({@code permissions-by-call.json}), and what it lacks ({@code
 * permissions-added.json}). A call is written {@code GET /users/{id}/messages}; where a person signs in, {@code /users/{id}} is
 * he himself, whom Graph calls {@code /me}.
 */
final class PermissionMetadata {

    /** @param least Microsoft marks it as least privileged for the call; several may be, where one address serves several calls */
    record Permission(String name, boolean least) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Map<LoginKind, Map<String, Permission>>> byCall = new HashMap<>();
    private final Set<String> adminConsent;

    private PermissionMetadata(Set<String> adminConsent) {
        this.adminConsent = adminConsent;
    }

    static PermissionMetadata load() {
        var metadata = new PermissionMetadata(text("admin-consent.txt")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.toUnmodifiableSet()));
        metadata.add(json("permissions-by-call.json"));
        metadata.add(json("permissions-added.json"));
        return metadata;
    }

    static JsonNode json(String resource) {
        try {
            return JSON.readTree(text(resource));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The permissions each of which opens the call. Present and empty: it takes none. Empty: this kind of login cannot make it.
     *
     * <p>Resource-specific permissions are left out: an app in a team or a chat gets them, an app registration cannot.
     */
    Optional<List<Permission>> of(String call, LoginKind kind) {
        Map<LoginKind, Map<String, Permission>> own = byCall.get(call.replace("/users/{id}", "/me"));
        Map<LoginKind, Map<String, Permission>> found =
                kind == LoginKind.APPLICATION || own == null || !own.containsKey(kind) ? byCall.get(call) : own;
        return Optional.ofNullable(found).map(kinds -> kinds.get(kind)).map(permissions -> permissions.values().stream()
                .filter(permission -> !isResourceSpecific(permission.name()))
                .toList());
    }

    /** Whether only an administrator may consent to this delegated permission. */
    boolean takesAdministrator(String delegated) {
        return adminConsent.contains(delegated);
    }

    static boolean isResourceSpecific(String permission) {
        return permission.endsWith(".Group") || permission.endsWith(".Chat") || permission.endsWith(".User");
    }

    private void add(JsonNode calls) {
        for (Map.Entry<String, JsonNode> call : calls.properties()) {
            for (LoginKind kind : LoginKind.values()) {
                if (call.getValue().has(kind.column())) {
                    Map<String, Permission> permissions = byCall.computeIfAbsent(call.getKey(), key -> new HashMap<>())
                            .computeIfAbsent(kind, key -> new LinkedHashMap<>());
                    for (JsonNode name : call.getValue().get(kind.column())) {
                        String bare = name.asText().replace("*", "");
                        permissions.putIfAbsent(
                                bare, new Permission(bare, name.asText().endsWith("*")));
                    }
                }
            }
        }
    }

    private static String text(String resource) {
        try (InputStream in = PermissionMetadata.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
