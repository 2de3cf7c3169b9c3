package org.m365connector.auth.registration;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * A registration to be made known.
 *
 * @param features slugs such as {@code mail-send}
 * @param cloud {@code global} where missing
 * @param upnField field of the portal's users that holds their user principal name, {@code emailBiz} where missing
 * @param administrator the portal user who gets the service account besides his own
 */
record NewRegistration(
        @NotNull RegistrationName name,
        @NotEmpty @Size(max = 20) List<@NotBlank @Size(max = 40) String> features,
        AccountTypes accountTypes,
        @Size(max = 40) String cloud,
        @Size(max = 64) @Pattern(regexp = "[a-zA-Z0-9_.-]+") String upnField,
        @NotNull PortalUser administrator,
        Optional<@Pattern(regexp = IDENTIFIER, message = "must be a GUID") String> tenantId,
        Optional<@Pattern(regexp = IDENTIFIER, message = "must be a GUID") String> clientId,
        @Size(max = 10) List<@Valid @NotNull NewCredential> credentials) {

    /** A GUID. A tenant's domain would do for Entra, but its tokens name the tenant by the GUID alone. */
    static final String IDENTIFIER = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    NewRegistration {
        features = features == null ? List.of() : features.stream().distinct().toList();
        accountTypes = accountTypes == null ? AccountTypes.BUSINESS : accountTypes;
        cloud = cloud == null ? Clouds.GLOBAL : cloud;
        upnField = upnField == null ? "emailBiz" : upnField;
        tenantId = tenantId == null ? Optional.empty() : tenantId;
        clientId = clientId == null ? Optional.empty() : clientId;
        credentials = credentials == null ? List.of() : List.copyOf(credentials);
    }
}
