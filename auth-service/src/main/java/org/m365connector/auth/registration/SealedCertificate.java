package org.m365connector.auth.registration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What is encrypted of a certificate, as JSON.
 *
 * @param key PKCS#8 in base64
 * @param thumbprint SHA-256 in base64url
 */
record SealedCertificate(String key, String thumbprint) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static SealedCertificate of(String json) {
        try {
            return JSON.readValue(json, SealedCertificate.class);
        } catch (JsonProcessingException e) {
            // Without the cause: a parser's message may repeat what it could not read.
            throw new IllegalStateException("what is stored of a certificate cannot be read");
        }
    }

    String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("two texts cannot fail to be written", e);
        }
    }

    @Override
    public String toString() {
        return "SealedCertificate[thumbprint=" + thumbprint + "]";
    }
}
