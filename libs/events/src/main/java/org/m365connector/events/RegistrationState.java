package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Life of a registration. */
public enum RegistrationState {
    /** Tenant, client or credential is still missing. */
    @JsonProperty("draft")
    DRAFT,
    /** May be used. */
    @JsonProperty("complete")
    COMPLETE,
    /** Being taken down: nothing new may begin. */
    @JsonProperty("ending")
    ENDING
}
