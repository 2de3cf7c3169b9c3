package org.m365connector.auth.registration;

import java.time.Instant;
import java.util.Optional;

/** A credential without its value. */
public record CredentialView(String id, String kind, Optional<Instant> expiresAt, Instant createdAt) {}
