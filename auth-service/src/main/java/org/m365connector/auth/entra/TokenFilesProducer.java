package org.m365connector.auth.entra;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Opens the one directory. */
@ApplicationScoped
class TokenFilesProducer {

    @Produces
    @Singleton
    TokenFiles tokenFiles(CredentialSettings settings) {
        return new TokenFiles(settings.tokenDirectory());
    }
}
