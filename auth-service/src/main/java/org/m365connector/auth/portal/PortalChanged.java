package org.m365connector.auth.portal;

/** Fired inside the transaction that makes or changes a portal, when its row says so already. */
public record PortalChanged(Portal portal) {}
