package org.m365connector.auth.entra;

import java.util.Map;

/** A secret of an app registration. */
public record ClientSecret(String id, String value) implements ClientCredential {

    @Override
    public void addTo(Map<String, String> form, Occasion occasion) {
        form.put("client_secret", value);
    }

    @Override
    public boolean ages() {
        return false;
    }

    @Override
    public String toString() {
        return "ClientSecret[id=" + id + "]";
    }
}
