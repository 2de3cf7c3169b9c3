package org.m365connector.auth.vault;

import java.nio.charset.StandardCharsets;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Where a ciphertext belongs. It is the associated data of the encryption, so that a ciphertext that was moved to another
 * row or column does not decrypt.
 *
 * @param owner the account, or {@code -} for what belongs to the registration itself
 * @param field name of the column, for lists with the row's id: {@code credential/<id>}
 */
public record Place(PortalId portal, RegistrationName registration, String owner, String field) {

    byte[] associatedData() {
        // None of the parts can contain a line break, so no two places have the same bytes.
        return String.join("\n", portal.value(), registration.value(), owner, field)
                .getBytes(StandardCharsets.UTF_8);
    }
}
