package org.m365connector.auth.entra;

import java.net.URI;
import java.time.Instant;
import java.util.Map;

/** With what an app proves to Entra who it is. */
public sealed interface ClientCredential permits ClientSecret, ClientCertificate, FederatedToken, NoCredential {

    String TYPE_OF_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /**
     * One request that has to be proved.
     *
     * @param tokenEndpoint where it goes; an assertion of our own is good there only
     */
    record Occasion(String clientId, URI tokenEndpoint, Instant now) {}

    String id();

    /**
     * Adds the proof to a form. It is made, or read, anew for every request.
     *
     * @throws CredentialUnusable where there is none to be had
     */
    void addTo(Map<String, String> form, Occasion occasion);

    /** Whether the proof is good for a few minutes only, so that another try with a new one can help. */
    boolean ages();
}
