package org.m365connector.assignment.assignment;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A page of assignments; {@code next} is the value of {@code after} for the next one and missing on the last. */
record AssignmentPage(List<AssignmentView> items, Optional<UUID> next) {}
