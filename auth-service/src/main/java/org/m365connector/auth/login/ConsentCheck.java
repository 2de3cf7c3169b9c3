package org.m365connector.auth.login;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraError;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.GrantedRoles;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;
import org.m365connector.auth.registration.AppAttentions;

/**
 * Looks whether an administrator's consent counts: whether the app's own token has what the registration's features take. Entra
 * gives tokens without it, too, and takes some minutes until a consent is known where tokens are made; so it is looked at again
 * for a while. Every replica looks, each time one of them.
 */
@ApplicationScoped
class ConsentCheck {

    private static final Logger LOG = Logger.getLogger(ConsentCheck.class);

    private static final int AT_ONCE = 20;

    private final AdminConsent consents;
    private final EntraClient entra;
    private final AppAttentions apps;
    private final QuietJobs jobs;

    ConsentCheck(AdminConsent consents, EntraClient entra, AppAttentions apps, QuietJobs jobs) {
        this.consents = consents;
        this.entra = entra;
        this.apps = apps;
        this.jobs = jobs;
    }

    @Scheduled(every = "2s", delayed = "2s", concurrentExecution = ConcurrentExecution.SKIP)
    void lookAgain() {
        // One after the other, each claimed just before: a slow Entra must not let another replica look at the last
        // ones too.
        jobs.run(() -> Stream.generate(consents::nextToLookAt)
                .limit(AT_ONCE)
                .takeWhile(Optional::isPresent)
                .flatMap(Optional::stream)
                .forEach(this::lookQuietly));
    }

    private void lookQuietly(AdminConsent.Claim.Taken consent) {
        try {
            look(consent);
        } catch (RuntimeException e) {
            // One must not keep the others from being looked at.
            LOG.warnf(
                    "Admin consent cannot be looked at registration=%s reason=%s",
                    consent.registration(), e.toString());
        }
    }

    LoginResult look(AdminConsent.Claim.Taken consent) {
        if (consent.app().isEmpty()) {
            return finish(consent, Outcome.ADMINCONSENTUNVERIFIED, Optional.of("registration-incomplete"));
        }
        Grant grant = entra.clientCredentials(consent.app().get());
        if (grant instanceof Grant.Refused refused) {
            return unverified(consent, refused.error());
        }
        apps.accepted(consent.portal(), consent.registration());
        Optional<List<String>> roles = GrantedRoles.of((Grant.Granted) grant);
        List<String> granted = roles.orElse(List.of());
        // Where a token cannot be read, that there is one has to be enough.
        List<String> lacking = roles.map(held -> PermissionPlanner.planner()
                        .missing(consent.features(), LoginKind.APPLICATION, Set.copyOf(held)))
                .orElse(List.of());
        if (lacking.isEmpty()) {
            LOG.infof("Admin consent given registration=%s granted=%s", consent.registration(), granted);
            return finish(consent, Outcome.ADMINCONSENTGIVEN, Optional.empty()).withPermissions(granted, lacking);
        }
        LOG.infof(
                "Admin consent not visible yet registration=%s granted=%s lacking=%s",
                consent.registration(), granted, lacking);
        return postpone(consent, Outcome.ADMINCONSENTPENDING, Optional.empty()).withPermissions(granted, lacking);
    }

    private LoginResult unverified(AdminConsent.Claim.Taken consent, EntraError error) {
        LOG.warnf("Admin consent cannot be verified registration=%s code=%s", consent.registration(), error.code());
        return postpone(consent, Outcome.ADMINCONSENTUNVERIFIED, Optional.of(error.code()));
    }

    private LoginResult finish(AdminConsent.Claim.Taken consent, Outcome outcome, Optional<String> code) {
        consents.finish(consent.id(), outcome, code);
        return LoginResult.of(outcome).withCode(code);
    }

    private LoginResult postpone(AdminConsent.Claim.Taken consent, Outcome outcome, Optional<String> code) {
        consents.postpone(consent.id(), outcome, code);
        return LoginResult.of(outcome).withCode(code);
    }
}
