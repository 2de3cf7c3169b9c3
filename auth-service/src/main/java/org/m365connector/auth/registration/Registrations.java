package org.m365connector.auth.registration;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.Page;
import org.m365connector.auth.entra.ClientCredential;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.TokenFiles;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** The registrations. */
@ApplicationScoped
public class Registrations implements PanacheRepository<Registration> {

    private static final Logger LOG = Logger.getLogger(Registrations.class);
    private static final String BY_NAME = "portalId = ?1 and name = ?2";

    private final Credentials credentials;
    private final Clouds clouds;
    private final Vault vault;
    private final TokenFiles files;

    Registrations(Credentials credentials, Clouds clouds, Vault vault, TokenFiles files) {
        this.credentials = credentials;
        this.clouds = clouds;
        this.vault = vault;
        this.files = files;
    }

    /** @throws ProblemException {@code registration-unknown} */
    public Registration get(PortalId portal, RegistrationName name) {
        return lookUp(portal, name).orElseThrow(() -> unknown(portal, name));
    }

    public Optional<Registration> lookUp(PortalId portal, RegistrationName name) {
        return find(BY_NAME, portal.value(), name.value()).firstResultOptional();
    }

    /** The registration, whose row stays locked until the transaction ends. */
    public Registration getLocked(PortalId portal, RegistrationName name) {
        return lookUpLocked(portal, name).orElseThrow(() -> unknown(portal, name));
    }

    /** All of the portal stay locked until the transaction ends; by name, as whoever removes the portal does. */
    public void lockAll(PortalId portal) {
        find("portalId", Sort.by("name"), portal.value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** The registration as it is now, which nobody changes or removes until the transaction ends. */
    Optional<Registration> lookUpShared(PortalId portal, RegistrationName name) {
        // What was read before the lock may be of before.
        lookUp(portal, name).ifPresent(getEntityManager()::detach);
        return find(BY_NAME, portal.value(), name.value())
                .withLock(LockModeType.PESSIMISTIC_READ)
                .firstResultOptional();
    }

    Optional<Registration> lookUpLocked(PortalId portal, RegistrationName name) {
        return find(BY_NAME, portal.value(), name.value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
    }

    /**
     * What Entra is asked with, its credentials decrypted.
     *
     * @throws ProblemException {@code registration-incomplete} for a draft
     */
    public EntraApp app(Registration registration) {
        if (!registration.hasApp()) {
            throw new ProblemException(AuthProblem.REGISTRATION_INCOMPLETE, registration.name());
        }
        Clouds.Cloud cloud = clouds.get(registration.cloud);
        List<ClientCredential> opened = credentials.of(registration).stream()
                .flatMap(credential -> open(registration, credential).stream())
                .toList();
        return new EntraApp(
                cloud.authority(),
                registration.tenantId,
                registration.clientId,
                registration.accountTypes,
                cloud.graph(),
                opened);
    }

    /** One whose vault key is gone, or that was changed in the database, is as good as none: the others go on. */
    private Optional<ClientCredential> open(Registration registration, Credential credential) {
        if (!vault.hasKeyOf(credential.sealed)) {
            // The vault tells which they are.
            return Optional.empty();
        }
        try {
            return Optional.of(credential.open(registration, vault, files));
        } catch (IllegalStateException e) {
            LOG.errorf(
                    "Sealed credential does not open portal=%s registration=%s credential=%s",
                    registration.portal(), registration.name(), credential.id);
            return Optional.empty();
        }
    }

    /**
     * Entra's page on which an administrator of the registration's tenant consents.
     *
     * @throws ProblemException {@code registration-incomplete} where tenant or client are not known yet
     */
    public URI adminConsentEndpoint(Registration registration) {
        if (registration.tenantId == null || registration.clientId == null) {
            throw new ProblemException(AuthProblem.REGISTRATION_INCOMPLETE, registration.name());
        }
        return EntraApp.adminConsentEndpoint(clouds.get(registration.cloud).authority(), registration.tenantId);
    }

    /** The scope that stands for every permission that the app's registration names. */
    public String everyPermission(Registration registration) {
        return clouds.get(registration.cloud).graph() + "/.default";
    }

    Page<Registration> list(PortalId portal, Optional<String> after) {
        List<Registration> found = find(
                        "portalId = ?1 and name > ?2", Sort.by("name"), portal.value(), after.orElse(""))
                .page(0, Page.LIMIT + 1)
                .list();
        return Page.of(found, registration -> registration.name);
    }

    /** Those that have been ending since before then. */
    List<Registration> ending(Instant before) {
        return list("endingSince < ?1", Sort.by("endingSince"), before);
    }

    List<Registration> all(PortalId portal) {
        return list("portalId", Sort.by("name"), portal.value());
    }

    boolean exists(PortalId portal, RegistrationName name) {
        return count(BY_NAME, portal.value(), name.value()) > 0;
    }

    private static ProblemException unknown(PortalId portal, RegistrationName name) {
        return new ProblemException(AuthProblem.REGISTRATION_UNKNOWN, name, portal);
    }
}
