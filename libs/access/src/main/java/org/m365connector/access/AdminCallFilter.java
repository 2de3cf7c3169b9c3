package org.m365connector.access;

import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** Guards what is marked {@link AdminCall}. */
@AdminCall
@Provider
@Priority(Priorities.AUTHENTICATION)
public class AdminCallFilter extends AccessFilter implements ContainerRequestFilter {

    AdminCallFilter(AccessKeys keys) {
        super(keys);
    }

    @Override
    public void filter(ContainerRequestContext request) {
        Caller caller = caller(request);
        require(caller instanceof Caller.Admin, caller);
    }
}
