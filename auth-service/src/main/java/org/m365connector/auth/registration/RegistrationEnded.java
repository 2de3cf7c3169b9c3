package org.m365connector.auth.registration;

/** Fired inside the transaction that removes a registration, before its row goes. */
public record RegistrationEnded(Registration registration) {}
