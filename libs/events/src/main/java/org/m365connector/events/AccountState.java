package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether an account can be used now. */
public enum AccountState {
    /** A token can be had. */
    @JsonProperty("ready")
    READY,
    /** Somebody has to sign in. */
    @JsonProperty("needs-login")
    NEEDS_LOGIN,
    /** Signing in does not help; an administrator has to act. */
    @JsonProperty("blocked")
    BLOCKED,
    /** Signed out or removed. */
    @JsonProperty("gone")
    GONE
}
