package org.m365connector.emulator.tokens;

import java.time.Duration;
import java.util.Arrays;

/** What may be wrong with a validation token, besides the names in it. */
public enum TokenFlaw {
    NONE("good"),
    /** Since a good while. */
    EXPIRED("expired"),
    /** It begins to be good in some hours ({@code nbf}). */
    NOT_YET("notYet"),
    /** Signed by Entra, but issued by somebody else. */
    WRONG_ISSUER("wrongIssuer"),
    /** Its key was never published. */
    UNKNOWN_KEY("unknownKey"),
    /** {@code alg} is {@code none}. */
    UNSIGNED("unsigned"),
    /** {@code alg} is HS256, the secret is the published key. */
    SYMMETRIC("symmetric"),
    /** Signed with the right key, but RS512. */
    OTHER_ALGORITHM("otherAlgorithm");

    private final String word;

    TokenFlaw(String word) {
        this.word = word;
    }

    /** {@link #NONE} for every other word. */
    public static TokenFlaw of(String word) {
        return Arrays.stream(values())
                .filter(flaw -> flaw.word.equals(word))
                .findFirst()
                .orElse(NONE);
    }

    /** From now to the moment of its issue. */
    Duration shift() {
        return switch (this) {
            case EXPIRED -> Duration.ofDays(-1);
            case NOT_YET -> Duration.ofHours(4);
            case NONE, WRONG_ISSUER, UNKNOWN_KEY, UNSIGNED, SYMMETRIC, OTHER_ALGORITHM -> Duration.ZERO;
        };
    }

    String algorithm() {
        return switch (this) {
            case UNSIGNED -> "none";
            case SYMMETRIC -> "HS256";
            case OTHER_ALGORITHM -> "RS512";
            case NONE, EXPIRED, NOT_YET, WRONG_ISSUER, UNKNOWN_KEY -> "RS256";
        };
    }

    String signature(SigningKey key, String signed) {
        return switch (this) {
            case UNSIGNED -> "";
            case SYMMETRIC -> key.signWithThePublicKey(signed);
            case OTHER_ALGORITHM -> key.sign(signed, "SHA512withRSA");
            case NONE, EXPIRED, NOT_YET, WRONG_ISSUER, UNKNOWN_KEY -> key.sign(signed);
        };
    }
}
