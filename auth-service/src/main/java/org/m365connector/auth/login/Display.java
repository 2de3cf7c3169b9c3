package org.m365connector.auth.login;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where the login happens: in a window of its own, or in the portal's. */
enum Display {
    @JsonProperty("popup")
    POPUP,
    @JsonProperty("redirect")
    REDIRECT
}
