package org.m365connector.auth.portal;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;

/**
 * What is to change of a portal; what is missing stays.
 *
 * @param entitlement the whole new one, or {@code null} for a portal without limits
 */
record PortalPatch(
        Optional<@Size(max = 200) @Pattern(regexp = NOT_BLANK) String> name,
        Optional<@Size(max = 40) @Pattern(regexp = NOT_BLANK) String> intrexxVersion,
        Optional<@Size(max = 20) List<@NotBlank @Size(max = 300) String>> origins,
        Optional<@Pattern(regexp = "de|en") String> language,
        Optional<@Size(max = 300) @Pattern(regexp = "\\P{Cntrl}*") String> contact,
        Optional<JsonNode> entitlement) {

    // Of an Optional that is empty, null is validated: constraints that null violates would refuse what is left out.
    private static final String NOT_BLANK = "(?=.*\\S)\\P{Cntrl}*";

    PortalPatch {
        name = name == null ? Optional.empty() : name;
        intrexxVersion = intrexxVersion == null ? Optional.empty() : intrexxVersion;
        origins = origins == null ? Optional.empty() : origins;
        language = language == null ? Optional.empty() : language;
        contact = contact == null ? Optional.empty() : contact;
        entitlement = entitlement == null ? Optional.empty() : entitlement;
    }
}
