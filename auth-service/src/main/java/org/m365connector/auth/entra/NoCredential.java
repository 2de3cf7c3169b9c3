package org.m365connector.auth.entra;

import java.util.Map;

/** What a public client has. */
record NoCredential() implements ClientCredential {

    @Override
    public String id() {
        return "none";
    }

    @Override
    public void addTo(Map<String, String> form, Occasion occasion) {
        // A public client that sends a proof is refused.
    }

    @Override
    public boolean ages() {
        return false;
    }
}
