package org.m365connector.auth.login;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Optional;
import org.m365connector.events.PortalUser;

/**
 * A portal user wants to sign in.
 *
 * @param returnUrl where to go afterwards; its origin must be one of the portal's
 * @param upn who is expected, where the users topic does not say
 */
record NewLogin(
        @NotNull PortalUser portaluser,
        Display display,
        Optional<@Size(max = 2000) @Pattern(regexp = "[\\x21-\\x7e]+") String> returnUrl,
        Optional<@Size(max = 200) @Pattern(regexp = "[^\\s\\p{Cntrl}]+@[^\\s\\p{Cntrl}]+") String> upn) {

    NewLogin {
        display = display == null ? Display.POPUP : display;
        returnUrl = returnUrl == null ? Optional.empty() : returnUrl;
        upn = upn == null ? Optional.empty() : upn;
    }
}
