package org.m365connector.auth.portal;

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

/** Portals and their keys. */
@AdminCall
@Path("/api/portals")
public class PortalResource {

    private final Onboarding onboarding;
    private final PortalService service;

    PortalResource(Onboarding onboarding, PortalService service) {
        this.onboarding = onboarding;
        this.service = service;
    }

    @POST
    public RestResponse<Onboarded> onboard(@Valid @NotNull NewPortal portal) {
        Onboarded onboarded = onboarding.onboard(portal);
        return RestResponse.ResponseBuilder.<Onboarded>created(URI.create("/api/portals/" + portal.id()))
                .entity(onboarded)
                .build();
    }

    @GET
    public Page<PortalView> list(@QueryParam("after") Optional<@Pattern(regexp = "\\P{Cntrl}*") String> after) {
        return service.list(after);
    }

    @GET
    @Path("{portal}")
    public PortalView get(PortalId portal) {
        return service.get(portal);
    }

    @PATCH
    @Path("{portal}")
    public PortalView change(PortalId portal, @Valid @NotNull PortalPatch patch) {
        patch.intrexxVersion().ifPresent(Onboarding::checkVersion);
        patch.origins().ifPresent(Onboarding::checkOrigins);
        return service.change(portal, patch);
    }

    /**
     * The portal's subscriptions at Graph are deleted first: until then it is {@code ending}.
     *
     * @param now removes it without waiting for that
     */
    @DELETE
    @Path("{portal}")
    public void remove(PortalId portal, @QueryParam("now") boolean now) {
        service.end(portal, now);
    }

    @POST
    @Path("{portal}/keys")
    public RestResponse<NewKey> addKey(PortalId portal) {
        return RestResponse.status(RestResponse.Status.CREATED, service.addKey(portal));
    }

    @GET
    @Path("{portal}/keys")
    public List<KeyView> keys(PortalId portal) {
        return service.keys(portal);
    }

    @DELETE
    @Path("{portal}/keys/{key}")
    public void removeKey(PortalId portal, String key) {
        service.removeKey(portal, key);
    }
}
