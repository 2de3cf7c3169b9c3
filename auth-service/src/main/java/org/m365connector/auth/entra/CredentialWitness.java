package org.m365connector.auth.entra;

/** Hears what Entra thinks of a credential, when that is news to this process and once an hour besides. Never in a transaction. */
public interface CredentialWitness {

    void accepted(String credentialId);

    /** By Entra, or it could not even be tried. */
    void refused(String credentialId);
}
