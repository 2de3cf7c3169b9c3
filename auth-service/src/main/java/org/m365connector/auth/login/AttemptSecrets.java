package org.m365connector.auth.login;

import java.util.Base64;
import org.m365connector.auth.Secrets;

/**
 * The random values of one attempt.
 *
 * @param state comes back with the callback
 * @param nonce comes back in the id token
 * @param verifier PKCE: shown to Entra only when the code is redeemed
 * @param browser value of the cookie that ties the attempt to one browser
 */
record AttemptSecrets(String state, String nonce, String verifier, String browser) {

    private static final String LOGIN = "m365-login-";
    private static final String START = "m365-start-";

    static AttemptSecrets make() {
        return new AttemptSecrets(Secrets.random(), Secrets.random(), Secrets.random(), Secrets.random());
    }

    /** PKCE's S256 of the verifier. */
    String challenge() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Secrets.sha256(verifier));
    }

    /** Two logins may run in one browser at once: each attempt has a cookie of its own. */
    static String cookieName(String state) {
        return LOGIN + Secrets.hash(state).substring(0, 16);
    }

    /** The cookie that ties the button of a start page to the browser that was shown it. */
    static String startCookieName(String ticket) {
        return START + Secrets.hash(ticket).substring(0, 16);
    }

    @Override
    public String toString() {
        return "AttemptSecrets[]";
    }
}
