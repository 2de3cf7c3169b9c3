package org.m365connector.auth.registration;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The credentials of all registrations. */
@ApplicationScoped
class Credentials implements PanacheRepositoryBase<Credential, String> {

    /** In the order in which they are tried. */
    List<Credential> of(Registration registration) {
        return list("registrationId", Sort.by("position", "createdAt", "id"), registration.id());
    }

    List<Credential> endingFirst(int most) {
        return find("expiresAt is not null", Sort.by("expiresAt", "id"))
                .page(0, most)
                .list();
    }
}
