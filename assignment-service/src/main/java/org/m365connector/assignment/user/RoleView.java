package org.m365connector.assignment.user;

import java.time.Instant;
import java.util.Optional;

/** A role as the API shows it. */
record RoleView(String role, Optional<String> name, Instant changedAt) {}
