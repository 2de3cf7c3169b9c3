package org.m365connector.sync.change;

import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;

/** Forgets deleted resources in the end, so that what is known grows with what is there. */
@ApplicationScoped
public class DeletedResources {
    private static final int SLICE = 5_000;

    private final KnownResources known;
    private final ChangeConfig config;

    DeletedResources(KnownResources known, ChangeConfig config) {
        this.known = known;
        this.config = config;
    }

    /** A slice each time, so that nobody waits for it. */
    @Scheduled(every = "1m", delayed = "1m")
    @Transactional(TxType.REQUIRES_NEW)
    public void forget() {
        known.forgetDeleted(config.keepDeleted().toSeconds(), SLICE);
    }
}
