package org.m365connector.auth.setup;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraFailure;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.GrantedPermissions;
import org.m365connector.auth.registration.AppAttentions;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.auth.registration.RegistrationOutlines;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Explains a registration's setup, with a look at Entra where one is possible. */
@ApplicationScoped
class SetupService {

    private static final List<String> LABELS = List.of(
            "entra",
            "connector",
            "who",
            "state",
            "copy",
            "copied",
            "done",
            "open",
            "unknown",
            "permissions",
            "feature",
            "delegated",
            "application",
            "administrator",
            "impossible",
            "script",
            "request",
            "steps",
            "print",
            "notes");

    private final RegistrationOutlines registrations;
    private final SetupFacts facts;
    private final ConsentLinks consent;
    private final EntraClient entra;
    private final AppAttentions apps;
    private final Clock clock;

    SetupService(
            RegistrationOutlines registrations,
            SetupFacts facts,
            ConsentLinks consent,
            EntraClient entra,
            AppAttentions apps,
            Clock clock) {
        this.registrations = registrations;
        this.facts = facts;
        this.consent = consent;
        this.entra = entra;
        this.apps = apps;
        this.clock = clock;
    }

    SetupGuide guide(PortalId portal, RegistrationName name, SetupTexts texts) {
        RegistrationOutline registration = registrations.get(portal, name);
        PermissionPlan plan = PermissionPlan.of(registration, registration.features(), consent.of(registration), texts);
        return new SetupGuide(
                texts.language(),
                texts.text("page.title", name.value(), registration.portalName()),
                registration.portalName(),
                name.value(),
                SetupSteps.of(registration, plan, look(registration), texts, clock.instant()),
                plan,
                labels(texts));
    }

    static Map<String, String> labels(SetupTexts texts) {
        Map<String, String> labels = new LinkedHashMap<>();
        LABELS.forEach(label -> labels.put(label, texts.text("label." + label)));
        return labels;
    }

    private SetupSteps.Seen look(RegistrationOutline registration) {
        PortalId portal = registration.portal();
        RegistrationName name = registration.name();
        boolean personal = registration.accountTypes() == AccountTypes.PERSONAL;
        boolean signedIn = facts.hasSomebodySignedIn(portal, name);
        Optional<Set<String>> delegated =
                facts.lastGrantedScopes(portal, name, personal ? AccountType.PERSONAL : AccountType.WORK);
        if (!registration.complete() || personal) {
            return new SetupSteps.Seen(Optional.empty(), Optional.empty(), delegated, signedIn);
        }
        Grant grant = entra.clientCredentials(facts.app(portal, name));
        if (grant instanceof Grant.Granted granted) {
            Optional<Set<String>> roles = GrantedPermissions.roles(granted.accessToken());
            roles.ifPresent(held -> apps.seen(portal, name, held));
            return new SetupSteps.Seen(Optional.of(true), roles, delegated, signedIn);
        }
        EntraFailure failure = ((Grant.Refused) grant).error().failure();
        return new SetupSteps.Seen(
                failure.retryable() ? Optional.empty() : Optional.of(false), Optional.empty(), delegated, signedIn);
    }
}
