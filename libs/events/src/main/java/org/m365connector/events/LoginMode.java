package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How one reaches Microsoft 365; one mode for each kind of account. */
public enum LoginMode {
    /** The portal user signs in himself: delegated permissions, his own rights. */
    @JsonProperty("browser")
    BROWSER,
    /** An impersonal user that an administrator signed in once: delegated permissions. */
    @JsonProperty("static")
    STATIC,
    /** The app itself by client credentials: application permissions. */
    @JsonProperty("service")
    SERVICE
}
