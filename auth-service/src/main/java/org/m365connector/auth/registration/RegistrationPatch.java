package org.m365connector.auth.registration;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalUser;

/** What is to change of a registration; what is missing stays. Name and cloud never change. */
record RegistrationPatch(
        Optional<@Size(min = 1, max = 20) List<@NotBlank @Size(max = 40) String>> features,
        Optional<AccountTypes> accountTypes,
        Optional<@Size(max = 64) @Pattern(regexp = "[a-zA-Z0-9_.-]+") String> upnField,
        Optional<PortalUser> administrator,
        Optional<@Pattern(regexp = NewRegistration.IDENTIFIER, message = "must be a GUID") String> tenantId,
        Optional<@Pattern(regexp = NewRegistration.IDENTIFIER, message = "must be a GUID") String> clientId) {

    RegistrationPatch {
        features = features == null ? Optional.empty() : features;
        accountTypes = accountTypes == null ? Optional.empty() : accountTypes;
        upnField = upnField == null ? Optional.empty() : upnField;
        administrator = administrator == null ? Optional.empty() : administrator;
        tenantId = tenantId == null ? Optional.empty() : tenantId;
        clientId = clientId == null ? Optional.empty() : clientId;
    }
}
