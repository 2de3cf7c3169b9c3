package org.m365connector.auth.registration;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The credentials of all registrations. */
@ApplicationScoped
class Credentials implements PanacheRepositoryBase<Credential, String> {

    List<Credential> of(Registration registration) {
        return list("registrationId", Sort.by("createdAt", "id"), registration.id());
    }
}
