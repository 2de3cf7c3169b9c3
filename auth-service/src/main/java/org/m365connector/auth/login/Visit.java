package org.m365connector.auth.login;

import java.util.List;
import java.util.Optional;

/**
 * Whose visit it is, for the page and its script.
 *
 * @param origins the portal's, whose pages may be told
 * @param returnUrl where the browser came from
 * @param back whether the portal is waiting there, in the same window
 * @param pin the administrator's call that lets another person in, where the account is somebody's already
 */
public record Visit(
        String portalName,
        List<String> origins,
        String registration,
        String account,
        Optional<String> portalUser,
        Optional<String> returnUrl,
        boolean back,
        Optional<String> pin) {

    /** For a page's attribute: origins hold no spaces. */
    public String originList() {
        return String.join(" ", origins);
    }
}
