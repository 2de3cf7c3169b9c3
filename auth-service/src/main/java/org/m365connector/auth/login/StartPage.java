package org.m365connector.auth.login;

import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.LoginMode;

/**
 * What somebody who opened a link is told before he goes to Microsoft.
 *
 * @param expected who has to sign in
 * @param host where Microsoft's page is, so that it can be told from a false one
 */
public record StartPage(
        String portalName,
        Optional<String> portalOrigin,
        String registration,
        String account,
        LoginMode mode,
        Optional<String> expected,
        String host,
        Instant expiresAt) {

    public boolean isStatic() {
        return mode == LoginMode.STATIC;
    }
}
