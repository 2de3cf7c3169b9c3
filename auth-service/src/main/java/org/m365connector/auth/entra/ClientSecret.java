package org.m365connector.auth.entra;

/** A secret of an app registration. */
public record ClientSecret(String id, String value) {

    @Override
    public String toString() {
        return "ClientSecret[id=" + id + "]";
    }
}
