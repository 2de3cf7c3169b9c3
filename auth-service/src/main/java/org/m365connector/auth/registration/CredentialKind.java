package org.m365connector.auth.registration;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** How a registration proves itself to Entra. */
public enum CredentialKind {
    /** A client secret. */
    @JsonProperty("secret")
    SECRET,
    /** A certificate whose key signs assertions. */
    @JsonProperty("certificate")
    CERTIFICATE,
    /** A token of another identity provider, in a file. */
    @JsonProperty("federated")
    FEDERATED;

    public String slug() {
        return name().toLowerCase(Locale.ROOT);
    }

    static CredentialKind ofSlug(String slug) {
        return valueOf(slug.toUpperCase(Locale.ROOT));
    }
}
