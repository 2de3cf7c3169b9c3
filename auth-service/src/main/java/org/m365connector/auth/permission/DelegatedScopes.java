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

    /** Graph's short names, space separated as OAuth wants them, in a stable order. */
    public static String of(Collection<Feature> features) {
        Set<String> scopes = new LinkedHashSet<>(ALWAYS);
        scopes.addAll(PermissionPlanner.planner().least(features, LoginKind.DELEGATED_WORK));
        return String.join(" ", scopes);
    }
}
