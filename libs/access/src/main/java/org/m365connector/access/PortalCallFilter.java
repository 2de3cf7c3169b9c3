package org.m365connector.access;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import org.m365connector.events.PortalId;

/** Guards what is marked {@link PortalCall}. */
@PortalCall
@Provider
@Priority(Priorities.AUTHENTICATION)
public class PortalCallFilter extends AccessFilter implements ContainerRequestFilter {

    PortalCallFilter(AccessKeys keys) {
        super(keys);
    }

    @Override
    public void filter(ContainerRequestContext request) {
        Caller caller = caller(request);
        String portal = request.getUriInfo().getPathParameters().getFirst("portal");
        require(PortalId.isValid(portal) && caller.mayActFor(new PortalId(portal)), caller);
    }
}
