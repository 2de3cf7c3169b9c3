package org.m365connector.auth.entra;

import java.time.Duration;

/** A device code login that has begun. The device code itself is a secret. */
public record DeviceCode(
        String deviceCode, String userCode, String verificationUri, Duration expiresIn, Duration interval) {

    @Override
    public String toString() {
        return "DeviceCode[verificationUri=" + verificationUri + ", expiresIn=" + expiresIn + "]";
    }
}
