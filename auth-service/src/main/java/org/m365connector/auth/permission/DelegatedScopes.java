package org.m365connector.auth.permission;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The scopes that a login asks for: what the registration's features need and no more. */
public final class DelegatedScopes {

    /** Who somebody is, and a refresh token: every login needs these. */
    public static final List<String> ALWAYS = List.of("User.Read", "email", "offline_access", "openid", "profile");

    private DelegatedScopes() {}

    /** Those of a work account: Graph's short names, space separated as OAuth wants them, in a stable order. */
    public static String of(Collection<Feature> features) {
        return of(features, LoginKind.DELEGATED_WORK);
    }

    /** The same of a personal account: without the features that it cannot have. */
    public static String ofPersonal(Collection<Feature> features) {
        return of(features, LoginKind.DELEGATED_PERSONAL);
    }

    private static String of(Collection<Feature> features, LoginKind kind) {
        Set<String> scopes = new LinkedHashSet<>(ALWAYS);
        scopes.addAll(PermissionPlanner.planner().least(features, kind));
        return String.join(" ", scopes);
    }
}
