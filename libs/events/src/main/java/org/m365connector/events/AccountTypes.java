package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which Microsoft accounts a registration lets in. */
public enum AccountTypes {
    /** Work or school accounts only. */
    @JsonProperty("business")
    BUSINESS,
    /** Personal Microsoft accounts only. */
    @JsonProperty("personal")
    PERSONAL,
    /** Either. */
    @JsonProperty("both")
    BOTH
}
