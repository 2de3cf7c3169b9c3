package org.m365connector.auth.account;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.m365connector.events.AccountName;

/**
 * A static account to be made known.
 *
 * @param upn user principal name of the impersonal Microsoft 365 user who has to sign in
 */
record NewStaticAccount(
        @NotNull AccountName name,

        @NotBlank @Size(max = 200) @Pattern(regexp = "[^\\s\\p{Cntrl}]+@[^\\s\\p{Cntrl}]+")
        String upn) {}
