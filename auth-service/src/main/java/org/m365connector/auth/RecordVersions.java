package org.m365connector.auth;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;

/**
 * Versions and generations of what auth-service tells on the compacted topics. One sequence for all, so that a thing that was
 * deleted and made again has a higher version than before. Take one only while holding the lock of the row that it is for.
 */
@ApplicationScoped
public class RecordVersions {

    private final EntityManager entities;

    RecordVersions(EntityManager entities) {
        this.entities = entities;
    }

    public long next() {
        return ((Number) entities.createNativeQuery("select nextval('record_version')", Long.class)
                        .getSingleResult())
                .longValue();
    }
}
