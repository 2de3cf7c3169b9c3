package org.m365connector.events;

import java.util.List;
import java.util.Optional;

/**
 * The resource itself in a notification, as Graph encrypted it for the suite, with what proves that it is Graph's. All but the ids is
 * base64; see Microsoft's "change notifications that include resource data".
 *
 * @param data ciphertext, AES-256-CBC
 * @param dataKey the AES key, RSA-OAEP with the suite's certificate
 * @param dataSignature HMAC-SHA256 of the ciphertext
 * @param certificateId which certificate it was
 * @param resourceId id of the resource
 * @param etag version of the resource; Graph may leave it out
 * @param tenantId tenant that the notification is of
 * @param validationTokens signed by Entra; they prove the sender and open nothing
 */
public record EncryptedResource(
        String data,
        String dataKey,
        String dataSignature,
        String certificateId,
        String resourceId,
        Optional<String> etag,
        String tenantId,
        List<String> validationTokens) {

    public EncryptedResource {
        etag = etag == null ? Optional.empty() : etag;
        validationTokens = validationTokens == null ? List.of() : List.copyOf(validationTokens);
    }

    /** Without content and proof. */
    @Override
    public String toString() {
        return "EncryptedResource[certificateId=" + certificateId + ", size=" + data.length() + "]";
    }
}
