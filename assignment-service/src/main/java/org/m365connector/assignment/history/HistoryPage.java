package org.m365connector.assignment.history;

import java.util.List;
import java.util.Optional;

/** A page of changes, the oldest first; {@code next} is the value of {@code after} for the next one. */
record HistoryPage(List<HistoryEntry> items, Optional<Long> next) {}
