package org.m365connector.emulator.entra;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.UserAccount;

/** A sign-in under way: what was asked for, and how far the user has come with the pages. */
final class SignIn {

    /** Where the user goes when it is over. */
    sealed interface Goal {

        /**
         * Back to the app.
         *
         * @param contexts authentication contexts that the app asks for
         */
        record Redirect(
                String uri,
                String responseMode,
                Optional<String> state,
                Optional<String> nonce,
                Optional<Pkce> pkce,
                boolean clientInfo,
                Set<String> contexts)
                implements Goal {}

        /**
         * Back to the app once an administrator has decided for the whole tenant.
         *
         * @param v2 the newer endpoint, which answers in other words
         */
        record AdminConsent(Redirect redirect, boolean v2) implements Goal {}

        /** A device is waiting. */
        record Device(Grants.Device device) implements Goal {}
    }

    final String id;
    final Authority authority;
    final AppRegistration app;
    final ScopeRequest scopes;
    final Goal goal;
    final Optional<String> prompt;
    final Optional<String> loginHint;
    final Instant begun;
    Optional<UserAccount> user = Optional.empty();

    SignIn(
            String id,
            Authority authority,
            AppRegistration app,
            ScopeRequest scopes,
            Goal goal,
            Optional<String> prompt,
            Optional<String> loginHint,
            Instant begun) {
        this.id = id;
        this.authority = authority;
        this.app = app;
        this.scopes = scopes;
        this.goal = goal;
        this.prompt = prompt;
        this.loginHint = loginHint;
        this.begun = begun;
    }

    /** The authentication contexts that were asked for. */
    Set<String> contexts() {
        return goal instanceof Goal.Redirect redirect ? redirect.contexts() : Set.of();
    }

    boolean prompts(String value) {
        return prompt.filter(value::equals).isPresent();
    }

    /** What this user has not consented to yet. */
    Set<String> missingConsents(UserAccount who) {
        Set<String> consents = app.consentsOf(who);
        Set<String> missing = wanted(who);
        missing.removeAll(consents);
        return missing;
    }

    /** What the consent page names. {@code .default} wants what there is, and something where there is nothing yet. */
    Set<String> wanted(UserAccount who) {
        Set<String> wanted = new LinkedHashSet<>(scopes.consentNames());
        Set<String> graph = scopes.byResource().get(Permissions.GRAPH);
        boolean nothingYet =
                ScopeRequest.ofResource(Permissions.GRAPH, app.consentsOf(who)).isEmpty();
        if (graph != null && graph.isEmpty() && nothingYet) {
            wanted.add("User.Read");
        }
        return wanted;
    }
}
