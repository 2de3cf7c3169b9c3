package org.m365connector.auth.login;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What somebody is shown at the end.
 *
 * @param expected who should have signed in, where that matters
 * @param actual who did
 * @param code what Entra said, for an administrator
 * @param retryAfter how long Entra wants to be left alone
 * @param again proof of the attempt that may be repeated; a secret of the browser that is shown it
 * @param granted permissions that the app has now, where that was the question and they can be read
 * @param lacking permissions that it should have as well
 */
public record LoginResult(
        Outcome outcome,
        Optional<String> expected,
        Optional<String> actual,
        Optional<String> code,
        Optional<Duration> retryAfter,
        Optional<String> again,
        List<String> granted,
        List<String> lacking,
        Optional<Visit> visit) {

    static LoginResult of(Outcome outcome) {
        return new LoginResult(
                outcome,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    LoginResult withCode(Optional<String> newCode) {
        return new LoginResult(outcome, expected, actual, newCode, retryAfter, again, granted, lacking, visit);
    }

    LoginResult withRetryAfter(Optional<Duration> newRetryAfter) {
        return new LoginResult(outcome, expected, actual, code, newRetryAfter, again, granted, lacking, visit);
    }

    LoginResult withPermissions(List<String> newGranted, List<String> newLacking) {
        return new LoginResult(outcome, expected, actual, code, retryAfter, again, newGranted, newLacking, visit);
    }

    LoginResult withVisit(Visit newVisit) {
        return new LoginResult(
                outcome, expected, actual, code, retryAfter, again, granted, lacking, Optional.of(newVisit));
    }

    public String state() {
        return outcome.isGood() ? "done" : "failed";
    }

    /** Whether the page names both the person who was expected and the one who came. */
    public boolean isNaming() {
        return outcome == Outcome.WRONGPERSON && expected.isPresent() && actual.isPresent();
    }

    /** Whether whoever waits for the end should go on waiting. */
    public boolean isGoingOn() {
        return again.isPresent() && outcome.mayGoOn();
    }

    /** Whether there is something on the page that an administrator needs. Who cancelled needs none. */
    public boolean isForAdministrator() {
        return !outcome.isGood() && outcome != Outcome.CANCELLED && (visit.isPresent() || code.isPresent());
    }

    /** The way back to the portal, which is told there how it went. */
    public Optional<String> returnLink() {
        return visit.flatMap(Visit::returnUrl).map(this::withResult);
    }

    private String withResult(String returnUrl) {
        int hash = returnUrl.indexOf('#');
        String fragment = hash < 0 ? "" : returnUrl.substring(hash);
        String url = hash < 0 ? returnUrl : returnUrl.substring(0, hash);
        String separator = url.contains("?") ? "&" : "?";
        return url + separator + "m365login=" + state() + "&m365reason=" + outcome.slug() + fragment;
    }

    @Override
    public String toString() {
        return "LoginResult[outcome=" + outcome + "]";
    }
}
