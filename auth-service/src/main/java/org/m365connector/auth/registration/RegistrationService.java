package org.m365connector.auth.registration;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.exception.ConstraintViolationException;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.Page;
import org.m365connector.auth.RecordVersions;
import org.m365connector.auth.attention.Attentions;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;
import org.m365connector.auth.portal.Portal;
import org.m365connector.auth.portal.PortalEnded;
import org.m365connector.auth.portal.Portals;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.problem.ProblemException;

/** Changes of registrations and credentials, each told on {@code m365.registrations}. */
@ApplicationScoped
class RegistrationService {

    private static final Logger LOG = Logger.getLogger(RegistrationService.class);

    private final Portals portals;
    private final Registrations registrations;
    private final Credentials credentials;
    private final Clouds clouds;
    private final LoginUrls urls;
    private final CredentialIntake intake;
    private final Attentions attentions;
    private final RecordVersions versions;
    private final Outbox outbox;
    private final Event<Object> happenings;
    private final Clock clock;

    RegistrationService(
            Portals portals,
            Registrations registrations,
            Credentials credentials,
            Clouds clouds,
            LoginUrls urls,
            CredentialIntake intake,
            Attentions attentions,
            RecordVersions versions,
            Outbox outbox,
            Event<Object> happenings,
            Clock clock) {
        this.portals = portals;
        this.registrations = registrations;
        this.credentials = credentials;
        this.clouds = clouds;
        this.urls = urls;
        this.intake = intake;
        this.attentions = attentions;
        this.versions = versions;
        this.outbox = outbox;
        this.happenings = happenings;
        this.clock = clock;
    }

    @Transactional
    RegistrationView register(PortalId portal, NewRegistration wanted) {
        Portal itsPortal = portals.getShared(portal);
        checkFeatures(wanted.features());
        checkEntitled(itsPortal, wanted.features());
        checkPersonal(wanted.accountTypes(), wanted.features());
        clouds.get(wanted.cloud());
        if (registrations.exists(portal, wanted.name())) {
            throw new ProblemException(AuthProblem.REGISTRATION_EXISTS, wanted.name(), portal);
        }
        Registration registration = Registration.of(portal, wanted, clock.instant());
        try {
            registrations.persistAndFlush(registration);
        } catch (ConstraintViolationException e) {
            // Somebody else has registered it since it was looked for.
            throw new ProblemException(AuthProblem.REGISTRATION_EXISTS, wanted.name(), portal);
        }
        wanted.credentials().forEach(credential -> store(registration, credential));
        LOG.infof("Registration made portal=%s registration=%s", portal, wanted.name());
        changed(registration, false, false);
        return view(registration);
    }

    @Transactional
    Page<RegistrationView> list(PortalId portal, Optional<String> after) {
        portals.get(portal);
        return registrations.list(portal, after).map(this::view);
    }

    @Transactional
    RegistrationView get(PortalId portal, RegistrationName name) {
        return view(registrations.get(portal, name));
    }

    @Transactional
    RegistrationView change(PortalId portal, RegistrationName name, RegistrationPatch patch) {
        patch.features().ifPresent(RegistrationService::checkFeatures);
        patch.features().ifPresent(features -> checkEntitled(portals.get(portal), features));
        Registration registration = registrations.getLocked(portal, name);
        if (patch.features().isPresent() || patch.accountTypes().isPresent()) {
            checkPersonal(
                    patch.accountTypes().orElse(registration.accountTypes),
                    patch.features().orElse(registration.features));
        }
        String clientBefore = registration.clientId;
        String tenantBefore = registration.tenantId;
        var typesBefore = registration.accountTypes;
        String scopesBefore = registration.scopes();
        registration.change(patch);
        boolean otherApp = !Objects.equals(clientBefore, registration.clientId)
                || !Objects.equals(tenantBefore, registration.tenantId)
                || typesBefore != registration.accountTypes;
        changed(registration, otherApp, !scopesBefore.equals(registration.scopes()));
        return view(registration);
    }

    /**
     * Nothing new begins; it is removed when its subscriptions at Graph are gone, or their time is over. A draft has none.
     *
     * @param atOnce whether it is removed without waiting for that
     */
    @Transactional
    void end(PortalId portal, RegistrationName name, boolean atOnce) {
        Registration registration = registrations.getLocked(portal, name);
        if (atOnce || !registration.hasApp()) {
            remove(registration);
        } else if (!registration.isEnding()) {
            registration.end(clock.instant());
            announce(registration, RegistrationRecord.ENDING);
            LOG.infof("Registration ends portal=%s registration=%s", portal, name);
        }
    }

    /** Its subscriptions are gone, or their time is over. */
    @Transactional
    void finish(PortalId portal, RegistrationName name) {
        registrations.lookUpLocked(portal, name).filter(Registration::isEnding).ifPresent(this::remove);
    }

    void removeAll(@Observes PortalEnded ended) {
        // Locked one by one: whoever adds an account to one now is first, or finds it gone.
        registrations.all(ended.portal()).stream()
                .flatMap(
                        registration -> registrations.lookUpLocked(registration.portal(), registration.name()).stream())
                .forEach(this::remove);
    }

    @Transactional
    CredentialView addCredential(PortalId portal, RegistrationName name, NewCredential wanted) {
        Registration registration = registrations.getLocked(portal, name);
        Credential credential = store(registration, wanted);
        changed(registration, false, false);
        return credential.view();
    }

    @Transactional
    List<CredentialView> credentials(PortalId portal, RegistrationName name) {
        return views(registrations.get(portal, name));
    }

    /** In the order from then on. */
    @Transactional
    List<CredentialView> moveCredential(PortalId portal, RegistrationName name, String id, int position) {
        Registration registration = registrations.getLocked(portal, name);
        List<Credential> order = new ArrayList<>(credentials.of(registration));
        Credential moved = find(order, id);
        order.remove(moved);
        order.add(Math.min(position - 1, order.size()), moved);
        number(order);
        credentials.flush();
        changed(registration, false, false);
        return views(registration);
    }

    @Transactional
    void removeCredential(PortalId portal, RegistrationName name, String id) {
        Registration registration = registrations.getLocked(portal, name);
        List<Credential> all = credentials.of(registration);
        Credential credential = find(all, id);
        if (all.size() == 1 && registration.isComplete()) {
            throw new ProblemException(AuthProblem.LAST_CREDENTIAL);
        }
        credentials.delete(credential);
        number(all.stream().filter(other -> !other.id.equals(id)).toList());
        credentials.flush();
        attentions.allOver(portal, name, id);
        changed(registration, false, false);
        LOG.infof("Credential removed portal=%s registration=%s credential=%s", portal, name, id);
    }

    private void remove(Registration registration) {
        happenings.fire(new RegistrationEnded(registration));
        String key = RegistrationRecord.key(registration.portal(), registration.name());
        registrations.delete(registration);
        registrations.flush();
        // Last: whoever raises one holds the row of what it is about, which is gone by now.
        attentions.allOver(registration.portal(), registration.name());
        outbox.tombstone(Topics.REGISTRATIONS, key, versions.next());
        LOG.infof("Registration removed portal=%s registration=%s", registration.portal(), registration.name());
    }

    private Credential store(Registration registration, NewCredential wanted) {
        Credential credential = intake.take(registration, wanted);
        LOG.infof(
                "Credential added portal=%s registration=%s credential=%s kind=%s",
                registration.portal(), registration.name(), credential.id, credential.kind);
        return credential;
    }

    private static void number(List<Credential> order) {
        for (int i = 0; i < order.size(); i++) {
            order.get(i).position = i + 1;
        }
    }

    private static Credential find(List<Credential> all, String id) {
        return all.stream()
                .filter(candidate -> candidate.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new ProblemException(AuthProblem.CREDENTIAL_UNKNOWN, id));
    }

    private void changed(Registration registration, boolean otherApp, boolean otherScopes) {
        boolean completed =
                registration.completeIfPossible(!credentials.of(registration).isEmpty());
        announce(registration, completed ? RegistrationRecord.MADE : RegistrationRecord.CHANGED);
        happenings.fire(new RegistrationChanged(registration, completed, otherApp, otherScopes));
    }

    private void announce(Registration registration, String type) {
        registration.changed(versions.next());
        registrations.flush();
        RegistrationRecord record =
                registration.record(clouds.get(registration.cloud).graphBaseUrl());
        outbox.add(
                Topics.REGISTRATIONS,
                record.key(),
                org.m365connector.events.Event.of(
                        record.key() + "/" + record.version(),
                        URI.create("/m365/" + record.portalId() + "/auth"),
                        type,
                        clock.instant(),
                        record));
    }

    private RegistrationView view(Registration registration) {
        return registration.view(views(registration), urls.redirectUris());
    }

    private List<CredentialView> views(Registration registration) {
        return credentials.of(registration).stream().map(Credential::view).toList();
    }

    /** Whatever the time: a registration may be made before its portal's entitlement begins. */
    private static void checkEntitled(Portal portal, List<String> features) {
        List<String> lacking = portal.entitled().lacking(features);
        if (!lacking.isEmpty()) {
            throw new ProblemException(AuthProblem.NOT_ENTITLED).with("features", lacking);
        }
    }

    /** Where both kinds of account are let in, the setup guide says what the personal ones lack. */
    private static void checkPersonal(AccountTypes types, List<String> slugs) {
        List<Feature> features =
                slugs.stream().flatMap(slug -> Feature.ofSlug(slug).stream()).toList();
        List<String> lacking = PermissionPlanner.planner().beyond(features, LoginKind.DELEGATED_PERSONAL).stream()
                .map(Feature::slug)
                .toList();
        if (types == AccountTypes.PERSONAL && !lacking.isEmpty()) {
            throw new ProblemException(AuthProblem.FEATURE_NOT_PERSONAL, String.join(", ", lacking))
                    .with("features", lacking);
        }
    }

    private static void checkFeatures(List<String> features) {
        for (String feature : features) {
            if (Feature.ofSlug(feature).isEmpty()) {
                throw new ProblemException(AuthProblem.FEATURE_UNKNOWN, feature, String.join(", ", Feature.slugs()));
            }
        }
    }
}
