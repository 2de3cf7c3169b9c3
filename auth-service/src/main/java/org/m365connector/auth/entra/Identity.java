package org.m365connector.auth.entra;

import java.util.Optional;
import org.m365connector.events.AccountType;

/** Who signed in, from a verified id token. {@code tid} and {@code oid} identify him for ever; the names may change. */
public record Identity(String tid, String oid, String preferredUsername, Optional<String> upn, AccountType type) {

    /** Whether that is one of his names. Names of accounts do not know upper and lower case. */
    public boolean isNamed(String expected) {
        return preferredUsername.equalsIgnoreCase(expected)
                || upn.filter(name -> name.equalsIgnoreCase(expected)).isPresent();
    }
}
