package org.m365connector.auth.setup;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.auth.permission.DelegatedScopes;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.events.AccountTypes;

/**
 * What a registration needs of Microsoft Graph.
 *
 * @param features each feature by itself
 * @param delegated for people who sign in: all features together, and what every login takes
 * @param application for the service account: all features together
 * @param scopes what a login asks for
 * @param consentUrl where an administrator consents for everybody; missing before tenant and client are known, and for personal
 *     accounts
 * @param azureCli a script for a POSIX shell that does Entra's side
 */
record PermissionPlan(
        List<OfFeature> features,
        List<Permission> delegated,
        List<Permission> application,
        String scopes,
        Optional<URI> consentUrl,
        String azureCli) {

    /** @param takesAdministrator only an administrator may consent to it */
    record Permission(String name, boolean takesAdministrator) {}

    /**
     * @param appOnlyCannot calls of Graph that the service account cannot make, whatever it is granted
     * @param note what there is to know besides
     */
    record OfFeature(
            String feature,
            String title,
            List<Permission> delegated,
            List<Permission> application,
            List<String> appOnlyCannot,
            boolean personalAccounts,
            Optional<String> note) {}

    static PermissionPlan of(
            RegistrationOutline registration, List<Feature> features, Optional<URI> consentUrl, SetupTexts texts) {
        boolean hasApp = registration.accountTypes() != AccountTypes.PERSONAL;
        List<Permission> delegated = Stream.concat(
                        DelegatedScopes.ALWAYS.stream(), least(features, LoginKind.DELEGATED_WORK).stream())
                .distinct()
                .map(name -> permission(name, LoginKind.DELEGATED_WORK))
                .toList();
        List<Permission> application = hasApp
                ? least(features, LoginKind.APPLICATION).stream()
                        .map(name -> permission(name, LoginKind.APPLICATION))
                        .toList()
                : List.of();
        return new PermissionPlan(
                features.stream()
                        .sorted()
                        .map(feature -> of(feature, registration.accountTypes(), texts))
                        .toList(),
                delegated,
                application,
                DelegatedScopes.of(features),
                consentUrl,
                new AzureCliScript(registration, names(delegated), names(application), texts).text());
    }

    static List<String> names(List<Permission> permissions) {
        return permissions.stream().map(Permission::name).toList();
    }

    private static OfFeature of(Feature feature, AccountTypes types, SetupTexts texts) {
        PermissionPlanner planner = PermissionPlanner.planner();
        boolean personalAccounts =
                planner.beyond(List.of(feature), LoginKind.DELEGATED_PERSONAL).isEmpty();
        return new OfFeature(
                feature.slug(),
                texts.text("feature." + feature.slug()),
                permissions(feature, LoginKind.DELEGATED_WORK),
                permissions(feature, LoginKind.APPLICATION),
                planner.impossible(feature, LoginKind.APPLICATION),
                personalAccounts,
                note(feature, types == AccountTypes.BOTH && !personalAccounts, texts));
    }

    private static Optional<String> note(Feature feature, boolean personalLack, SetupTexts texts) {
        String own = "feature." + feature.slug() + ".note";
        String notes = Stream.of(texts.has(own) ? own : "", personalLack ? "feature.not-personal" : "")
                .filter(key -> !key.isEmpty())
                .map(key -> texts.text(key))
                .collect(Collectors.joining(" "));
        return notes.isEmpty() ? Optional.empty() : Optional.of(notes);
    }

    private static List<Permission> permissions(Feature feature, LoginKind kind) {
        return least(List.of(feature), kind).stream()
                .map(name -> permission(name, kind))
                .toList();
    }

    private static List<String> least(List<Feature> features, LoginKind kind) {
        return PermissionPlanner.planner().least(features, kind);
    }

    private static Permission permission(String name, LoginKind kind) {
        return new Permission(name, PermissionPlanner.planner().takesAdministrator(name, kind));
    }
}
