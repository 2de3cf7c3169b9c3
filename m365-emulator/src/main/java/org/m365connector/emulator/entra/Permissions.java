package org.m365connector.emulator.entra;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.Limits;

/** The resources that tokens can be asked for, and their delegated permissions. Names are found whatever their case. */
public final class Permissions {

    /** The scopes that belong to no resource. */
    static final Set<String> OPENID = Set.of("openid", "profile", "email", "offline_access");

    static final String GRAPH = "https://graph.microsoft.com";
    private static final String GRAPH_ID = "00000003-0000-0000-c000-000000000000";
    /** A second resource, so that a token for the wrong one can be had. */
    static final String AZURE = "https://management.azure.com";

    private static final Map<String, Permission> CATALOG = read();

    private Permissions() {}

    private record Permission(String name, Set<String> traits) {}

    /** The canonical name of a resource given by URI or app id. */
    static Optional<String> resource(String given) {
        String lower = given.toLowerCase(Locale.ROOT);
        if (lower.equals(GRAPH) || lower.equals(GRAPH_ID)) {
            return Optional.of(GRAPH);
        }
        return lower.equals(AZURE) ? Optional.of(AZURE) : Optional.empty();
    }

    static String resourceId(String resource) {
        return resource.equals(GRAPH) ? GRAPH_ID : "797f4846-ba00-4fd7-ba43-dac1f8f63013";
    }

    /** The canonical name of a delegated permission of the resource. */
    static Optional<String> delegated(String resource, String given) {
        if (resource.equals(AZURE)) {
            return given.equalsIgnoreCase("user_impersonation") ? Optional.of("user_impersonation") : Optional.empty();
        }
        return Optional.ofNullable(CATALOG.get(given.toLowerCase(Locale.ROOT)))
                .filter(permission -> permission.traits().contains("work")
                        || permission.traits().contains("personal"))
                .map(Permission::name);
    }

    /** Whether Graph has a delegated permission of exactly this name. */
    public static boolean isDelegated(String name) {
        return OPENID.contains(name)
                || delegated(GRAPH, name).filter(name::equals).isPresent();
    }

    /** Whether Graph has an application permission of exactly this name. */
    public static boolean isApplication(String name) {
        Permission permission = CATALOG.get(name.toLowerCase(Locale.ROOT));
        return permission != null
                && permission.name().equals(name)
                && permission.traits().contains("application");
    }

    /** Only an administrator may consent to it. */
    static boolean needsAdministrator(String name) {
        return has(name, "admin");
    }

    static boolean forPersonalAccounts(String name) {
        return OPENID.contains(name) || has(name, "personal");
    }

    private static boolean has(String name, String trait) {
        Permission permission = CATALOG.get(name.toLowerCase(Locale.ROOT));
        return permission != null && permission.traits().contains(trait);
    }

    private static Map<String, Permission> read() {
        Map<String, Permission> catalog = new HashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Limits.class.getResourceAsStream("graph-permissions.txt"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    List<String> words = List.of(line.split(" ", -1));
                    Permission permission = new Permission(words.get(0), Set.copyOf(words.subList(1, words.size())));
                    catalog.put(words.get(0).toLowerCase(Locale.ROOT), permission);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return catalog;
    }
}
