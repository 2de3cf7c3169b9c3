package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Kind of Microsoft account. */
public enum AccountType {
    /** Work or school account of an Entra tenant. */
    @JsonProperty("work")
    WORK,
    /** Personal Microsoft account: browser login only, no Teams, no directory. */
    @JsonProperty("personal")
    PERSONAL
}
