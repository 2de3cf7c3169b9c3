package org.m365connector.assignment.user;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.m365connector.events.PortalId;

/**
 * Whoever waits for a lock does so with a connection to the database in his hands. So no portal has more of them waiting than leaves
 * enough for the others.
 */
final class WaitingPlaces {
    /** Of 16 connections. */
    private static final int OF_ALL = 12;

    private static final int OF_A_PORTAL = 8;

    private final Semaphore all = new Semaphore(OF_ALL);
    private final Map<PortalId, Semaphore> byPortal = new ConcurrentHashMap<>();

    /** A place to wait in, once. */
    interface Place {
        void leave();
    }

    /** Empty where all are taken. */
    Optional<Place> take(PortalId portal) {
        if (!all.tryAcquire()) {
            return Optional.empty();
        }
        var own = byPortal.computeIfAbsent(portal, unseen -> new Semaphore(OF_A_PORTAL));
        if (!own.tryAcquire()) {
            all.release();
            return Optional.empty();
        }
        return Optional.of(() -> {
            own.release();
            all.release();
        });
    }
}
