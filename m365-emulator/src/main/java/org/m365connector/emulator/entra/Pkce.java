package org.m365connector.emulator.entra;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/** The proof key of an authorization request (RFC 7636). */
record Pkce(String challenge, boolean hashed) {

    private static final String ALLOWED = "[A-Za-z0-9._~-]{43,128}";

    /** @throws EntraFailure if challenge or method are not allowed */
    static Optional<Pkce> of(Optional<String> challenge, Optional<String> method) {
        if (challenge.isEmpty()) {
            return Optional.empty();
        }
        if (!challenge.get().matches(ALLOWED)) {
            throw new EntraFailure(Aadsts.challengeSize());
        }
        String how = method.orElse("plain");
        if (!how.equals("S256") && !how.equals("plain")) {
            throw new EntraFailure(Aadsts.challengeMethod());
        }
        return Optional.of(new Pkce(challenge.get(), how.equals("S256")));
    }

    boolean provenBy(String verifier) {
        if (!verifier.matches(ALLOWED)) {
            return false;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            String expected = hashed ? Base64.getUrlEncoder().withoutPadding().encodeToString(hash) : verifier;
            return expected.equals(challenge);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
