package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Life of a portal. */
public enum PortalState {
    /** May be used. */
    @JsonProperty("active")
    ACTIVE,
    /** Being taken down: nothing new may begin. */
    @JsonProperty("ending")
    ENDING
}
