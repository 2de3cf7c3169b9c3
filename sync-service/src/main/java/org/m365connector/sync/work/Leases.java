package org.m365connector.sync.work;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Names for those who hold a lease: every claim has its own, so that nobody mistakes another's lease for the own old one. */
@ApplicationScoped
public class Leases {
    private final String process = UUID.randomUUID().toString();
    private final AtomicLong claims = new AtomicLong();

    public String newOwner() {
        return process + ":" + claims.incrementAndGet();
    }
}
