package org.m365connector.auth.portal;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.PortalId;

/**
 * A portal to be onboarded.
 *
 * @param intrexxVersion {@code 10.4.0} or newer
 * @param origins where its pages come from, {@code https://portal.example}
 * @param language {@code de} or {@code en}
 * @param entitlement {@code {from?, until?, features?[], users?}} as {@link org.m365connector.events.Entitlement} says;
 *     none means unlimited
 */
record NewPortal(
        @NotNull PortalId id,

        @NotBlank @Size(max = 200) @Pattern(regexp = "\\P{Cntrl}*")
        String name,

        @NotBlank @Size(max = 40) @Pattern(regexp = "\\P{Cntrl}*")
        String intrexxVersion,

        @Size(max = 20) List<@NotBlank @Size(max = 300) String> origins,
        @Pattern(regexp = "de|en") String language,
        Optional<@Size(max = 300) @Pattern(regexp = "\\P{Cntrl}*") String> contact,
        Optional<JsonNode> entitlement) {

    NewPortal {
        origins = origins == null ? List.of() : List.copyOf(origins);
        language = language == null ? "en" : language;
        contact = contact == null ? Optional.empty() : contact;
        entitlement = entitlement == null ? Optional.empty() : entitlement;
    }
}
