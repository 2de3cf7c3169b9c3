package org.m365connector.assignment.user;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A group as the API shows it. */
record GroupView(String group, Optional<String> name, int priority, List<String> memberOf, Instant changedAt) {}
