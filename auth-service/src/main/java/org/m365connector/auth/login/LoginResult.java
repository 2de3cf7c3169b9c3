package org.m365connector.auth.login;

import java.util.List;
import java.util.Optional;

/**
 * What somebody is shown at the end.
 *
 * @param expected who should have signed in, where that matters
 * @param actual who did
 * @param code what Entra said, for an administrator
 * @param returnUrl where the browser came from
 * @param back whether the browser is sent there instead of being shown a page
 * @param origins the portal's, whose pages may be told
 */
record LoginResult(
        Outcome outcome,
        Optional<String> expected,
        Optional<String> actual,
        Optional<String> code,
        Optional<String> returnUrl,
        boolean back,
        List<String> origins,
        Optional<String> registration,
        Optional<String> portalUser) {

    static LoginResult of(Outcome outcome) {
        return new LoginResult(
                outcome,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    public boolean isSignedIn() {
        return outcome == Outcome.SIGNEDIN;
    }

    public String state() {
        return isSignedIn() ? "done" : "failed";
    }
}
