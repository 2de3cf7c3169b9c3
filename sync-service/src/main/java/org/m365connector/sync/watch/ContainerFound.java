package org.m365connector.sync.watch;

/** Wakes workers of this process; whoever misses it looks by himself within a second. */
public record ContainerFound() {}
