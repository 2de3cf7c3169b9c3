package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.UUID;

/** An assignment as far as it matters for who may use what. */
public record Rule(
        UUID id, Principal principal, @JsonUnwrapped Accounts accounts) {}
