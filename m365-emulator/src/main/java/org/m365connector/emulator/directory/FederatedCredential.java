package org.m365connector.emulator.directory;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Trust in the tokens of another identity provider. Issuer, subject and audience are compared exactly, case included.
 *
 * @param keys the issuer's JWKS; Entra would read it at {@code {issuer}/.well-known/openid-configuration}
 */
public record FederatedCredential(String name, String issuer, String subject, String audience, JsonNode keys) {}
