package org.m365connector.auth.permission;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** The scopes that a login asks for: what the registration's features need and no more. */
public final class DelegatedScopes {

    private static final Set<String> ALWAYS = Set.of("openid", "profile", "email", "offline_access", "User.Read");
    private static final String WRITE = ".ReadWrite";

    private DelegatedScopes() {}

    /** Graph's short names, space separated as OAuth wants them, in a stable order. */
    public static String of(Collection<Feature> features) {
        Set<String> scopes = new LinkedHashSet<>();
        scopes.addAll(ALWAYS.stream().sorted().toList());
        features.stream()
                .sorted()
                .flatMap(feature -> feature.delegated().stream())
                .forEach(scopes::add);
        // Mail.ReadWrite includes Mail.Read: asking for both only frightens the one who consents.
        scopes.removeIf(scope -> scope.endsWith(".Read") && scopes.contains(scope.replace(".Read", WRITE)));
        return String.join(" ", scopes);
    }
}
