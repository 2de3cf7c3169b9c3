package org.m365connector.auth.registration;

/** An administrator has agreed to an app's permissions: what was issued before may lack them. Fired in the transaction that noted it. */
public record AdminConsentGiven(Registration registration) {}
