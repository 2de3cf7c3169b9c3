package org.m365connector.sync.watch;

import jakarta.enterprise.context.ApplicationScoped;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** Watches that are asked for by an action. */
@ApplicationScoped
public class WatchOrders {
    private final WatchService service;
    private final WatchWorker worker;

    WatchOrders(WatchService service, WatchWorker worker) {
        this.service = service;
        this.worker = worker;
    }

    /**
     * @param id of the watch: asked for again with the same one, it is made once
     * @throws ProblemException why there can be none
     */
    public void make(PortalId portal, RegistrationName registration, String id, WatchRequest request) {
        service.create(portal, registration, id, request);
        worker.wake();
    }
}
