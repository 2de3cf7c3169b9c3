package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Something that an administrator may want to know about an assignment that was accepted all the same.
 *
 * @param about the account, or the principal's id
 */
record Warning(Kind warning, String about) {
    /** What may be amiss. */
    enum Kind {
        /** Calls as this static account fail until somebody has signed it in. */
        @JsonProperty("account-needs-login")
        ACCOUNT_NEEDS_LOGIN,
        /** Signing in does not help this static account. */
        @JsonProperty("account-blocked")
        ACCOUNT_BLOCKED,
        /** The portal has told neither of this group or role nor of anybody in it: a slip of the pen, or told later. */
        @JsonProperty("principal-unknown")
        PRINCIPAL_UNKNOWN
    }
}
