package org.m365connector.auth.registration;

import jakarta.validation.constraints.Min;

/**
 * Where a credential is to stand among those of its registration; the others move up or down.
 *
 * @param position from 1; one behind the last is the last
 */
record CredentialPatch(@Min(1) int position) {}
