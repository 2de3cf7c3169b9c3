package org.m365connector.auth.registration;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.m365connector.access.AdminCall;
import org.m365connector.auth.Page;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Registrations of a portal and their credentials. */
@AdminCall
@Path("/api/portals/{portal}/registrations")
public class RegistrationResource {

    private final RegistrationService service;

    RegistrationResource(RegistrationService service) {
        this.service = service;
    }

    @POST
    public RestResponse<RegistrationView> register(PortalId portal, @Valid @NotNull NewRegistration wanted) {
        RegistrationView made = service.register(portal, wanted);
        return RestResponse.ResponseBuilder.<RegistrationView>created(
                        URI.create("/api/portals/" + portal + "/registrations/" + made.name()))
                .entity(made)
                .build();
    }

    @GET
    public Page<RegistrationView> list(
            PortalId portal, @QueryParam("after") Optional<@Pattern(regexp = "\\P{Cntrl}*") String> after) {
        return service.list(portal, after);
    }

    @GET
    @Path("{registration}")
    public RegistrationView get(PortalId portal, RegistrationName registration) {
        return service.get(portal, registration);
    }

    @PATCH
    @Path("{registration}")
    public RegistrationView change(
            PortalId portal, RegistrationName registration, @Valid @NotNull RegistrationPatch patch) {
        return service.change(portal, registration, patch);
    }

    /**
     * Its subscriptions at Graph are deleted first: until then it is {@code ending}.
     *
     * @param now destroys its credentials and tokens without waiting for that
     */
    @DELETE
    @Path("{registration}")
    public void remove(PortalId portal, RegistrationName registration, @QueryParam("now") boolean now) {
        service.end(portal, registration, now);
    }

    @POST
    @Path("{registration}/credentials")
    public RestResponse<CredentialView> addCredential(
            PortalId portal, RegistrationName registration, @Valid @NotNull NewCredential credential) {
        return RestResponse.status(
                RestResponse.Status.CREATED, service.addCredential(portal, registration, credential));
    }

    @GET
    @Path("{registration}/credentials")
    public List<CredentialView> credentials(PortalId portal, RegistrationName registration) {
        return service.credentials(portal, registration);
    }

    /** Changes the order in which credentials are tried; answers the new one. */
    @PATCH
    @Path("{registration}/credentials/{credential}")
    public List<CredentialView> moveCredential(
            PortalId portal, RegistrationName registration, String credential, @Valid @NotNull CredentialPatch patch) {
        return service.moveCredential(portal, registration, credential, patch.position());
    }

    @DELETE
    @Path("{registration}/credentials/{credential}")
    public void removeCredential(PortalId portal, RegistrationName registration, String credential) {
        service.removeCredential(portal, registration, credential);
    }
}
