package org.m365connector.auth.login;

import java.net.URI;

/** What a browser has to do next. */
sealed interface Step {

    /** Show who is asked for what, and a button. */
    record AskFirst(StartPage page) implements Step {}

    /** Go to Entra, with a cookie. */
    record ToEntra(URI authorize, String cookieName, String cookieValue) implements Step {

        @Override
        public String toString() {
            return "ToEntra[]";
        }
    }

    /** It is over. */
    record Finished(LoginResult result) implements Step {}
}
