package org.m365connector.emulator.entra;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.m365connector.emulator.directory.AppRegistration;

/**
 * A {@code scope} parameter, understood.
 *
 * @param text as it was sent
 * @param openid the scopes of OpenID Connect among them
 * @param byResource permissions by resource, in the order asked for; empty for {@code .default}
 */
record ScopeRequest(String text, Set<String> openid, Map<String, Set<String>> byResource) {

    private static final String DEFAULT = ".default";

    /** @throws EntraFailure if a scope does not exist or may not stand beside another */
    static ScopeRequest parse(String text, AppRegistration app) {
        Set<String> openid = new LinkedHashSet<>();
        Map<String, Set<String>> byResource = new LinkedHashMap<>();
        Set<String> wholesale = new TreeSet<>();
        for (String scope : List.of(text.trim().split("\\s+", -1))) {
            if (Permissions.OPENID.contains(scope)) {
                openid.add(scope);
                continue;
            }
            String resource = resourceOf(scope, app);
            String name = scope.substring(scope.lastIndexOf('/') + 1);
            Set<String> names = byResource.computeIfAbsent(resource, key -> new LinkedHashSet<>());
            if (name.equalsIgnoreCase(DEFAULT)) {
                wholesale.add(resource);
            } else {
                names.add(Permissions.delegated(resource, name)
                        .orElseThrow(() ->
                                new EntraFailure(Aadsts.unknownScope(app, name, Permissions.resourceId(resource)))));
            }
        }
        for (String resource : wholesale) {
            if (!byResource.get(resource).isEmpty()) {
                throw new EntraFailure(Aadsts.defaultMixed(text));
            }
        }
        return new ScopeRequest(text, openid, byResource);
    }

    private static String resourceOf(String scope, AppRegistration app) {
        int slash = scope.lastIndexOf('/');
        if (slash < 0) {
            return Permissions.GRAPH;
        }
        if (slash == 0 || slash == scope.length() - 1) {
            throw new EntraFailure(Aadsts.invalidScope(scope));
        }
        String resource = scope.substring(0, slash);
        return Permissions.resource(resource)
                .orElseThrow(() -> new EntraFailure(
                        Aadsts.unknownResource(resource, app.tenant().displayName())));
    }

    /** The resource a token is for: the first asked for, Graph if there was none. */
    String firstResource() {
        return byResource.keySet().stream().findFirst().orElse(Permissions.GRAPH);
    }

    /** Everything in it under the names that consents are kept by: Graph's short, others in full. */
    Set<String> consentNames() {
        Set<String> names = new LinkedHashSet<>(openid);
        byResource.forEach((resource, scopes) -> scopes.forEach(scope -> names.add(consentName(resource, scope))));
        return names;
    }

    /** A permission asked for that a personal account cannot give. */
    Optional<String> notForPersonalAccounts() {
        return byResource.getOrDefault(Permissions.GRAPH, Set.of()).stream()
                .filter(name -> !Permissions.forPersonalAccounts(name))
                .findFirst();
    }

    static String consentName(String resource, String scope) {
        return resource.equals(Permissions.GRAPH) ? scope : resource + "/" + scope;
    }

    /** Those of the consents that a token for this resource carries. */
    static Set<String> ofResource(String resource, Set<String> consents) {
        if (resource.equals(Permissions.GRAPH)) {
            return consents.stream()
                    .filter(name -> !name.contains("://") && !name.equals("offline_access"))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }
        return consents.stream()
                .filter(name -> name.startsWith(resource + "/"))
                .map(name -> name.substring(resource.length() + 1))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
