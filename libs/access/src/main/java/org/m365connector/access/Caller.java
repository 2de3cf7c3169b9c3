package org.m365connector.access;

import org.m365connector.events.PortalId;

/** Whom a key belongs to. */
public sealed interface Caller {

    /** No key, or none that is known. */
    record Nobody() implements Caller {}

    /** The administrator of the whole suite. */
    record Admin() implements Caller {}

    /** A service of the suite; it may act for every portal. */
    record Service() implements Caller {}

    /** A portal; it may act for itself only. */
    record Portal(PortalId portal) implements Caller {}

    /** Whether this caller may read and change what belongs to that portal. */
    default boolean mayActFor(PortalId portal) {
        if (this instanceof Portal own) {
            return own.portal().equals(portal);
        }
        return this instanceof Admin;
    }
}
