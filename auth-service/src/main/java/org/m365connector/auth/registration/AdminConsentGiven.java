package org.m365connector.auth.registration;

/**
 * An administrator has agreed to an app's permissions: what was issued before may lack them. Fired in the transaction that noted it.
 *
 * @param everything the app's token has all that the registration's features take; else it may be that Entra has it everywhere
 *     only in some minutes
 */
public record AdminConsentGiven(Registration registration, boolean everything) {}
