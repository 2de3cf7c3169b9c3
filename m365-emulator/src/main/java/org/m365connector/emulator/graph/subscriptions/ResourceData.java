package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Query;

/**
 * What a subscription with resource data needs, and how the resource is encrypted for it: a new AES key for every item, wrapped
 * with the subscriber's certificate (RSA-OAEP with SHA-1); AES-256-CBC whose initialisation vector is the first half of the key;
 * HMAC-SHA256 over the ciphertext with the same key.
 *
 * @param certificate as the subscriber gave it: base64 of the DER
 * @param selected properties in the order asked for; empty for all of them
 */
record ResourceData(PublicKey key, String certificate, String certificateId, String thumbprint, List<String> selected) {

    private static final int SHORTEST_KEY = 2048;
    private static final int LONGEST_KEY = 4096;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Set<String> NOT_FOR_OUTLOOK = Set.of("top", "skip", "orderby");
    private static final Set<String> NEVER_IN_CONTENT = Set.of("body", "uniquebody");

    /**
     * Of a request to create a subscription.
     *
     * @param options of its resource
     * @return empty where it asks for none
     * @throws GraphError 400 where what belongs to it is missing or cannot be used
     */
    static Optional<ResourceData> of(ObjectNode body, boolean teams, Query options, int longestId) {
        if (!body.path("includeResourceData").asBoolean()) {
            return Optional.empty();
        }
        String certificate = body.path("encryptionCertificate").asText("");
        String id = body.path("encryptionCertificateId").asText("");
        if (certificate.isBlank() || id.isBlank()) {
            throw invalid(
                    "'encryptionCertificate' and 'encryptionCertificateId' are required when 'includeResourceData'"
                            + " is true.");
        }
        List<String> selected = teams ? ofTeams(options) : ofOutlook(options);
        return Optional.of(of(certificate, id, selected, longestId));
    }

    /** With another certificate: how keys are rotated. */
    ResourceData with(String otherCertificate, String id, int longestId) {
        return of(otherCertificate, id, selected, longestId);
    }

    private static ResourceData of(String certificate, String id, List<String> selected, int longestId) {
        if (id.length() > longestId) {
            throw invalid("encryptionCertificateId must not be longer than " + longestId + " characters.");
        }
        try {
            byte[] der = Base64.getDecoder().decode(certificate);
            Certificate read =
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            if (Arrays.equals(read.getEncoded(), der) && read.getPublicKey() instanceof RSAPublicKey key) {
                int bits = key.getModulus().bitLength();
                if (bits >= SHORTEST_KEY && bits <= LONGEST_KEY) {
                    byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(der);
                    String thumbprint = HexFormat.of().withUpperCase().formatHex(sha1);
                    return new ResourceData(key, certificate, id, thumbprint, selected);
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Answered below like a certificate of another kind.
        }
        throw invalid("encryptionCertificate must be the base64 of a DER encoded X.509 certificate with an RSA key of "
                + SHORTEST_KEY + " to " + LONGEST_KEY + " bits.");
    }

    private static List<String> ofTeams(Query options) {
        if (options.text("select").isPresent()) {
            throw invalid("$select is not supported for subscriptions to chatMessage.");
        }
        return List.of();
    }

    private static List<String> ofOutlook(Query options) {
        List<String> selected = options.text("select").stream()
                .flatMap(text -> Arrays.stream(text.split(",", -1)))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .toList();
        if (selected.isEmpty()) {
            throw invalid("$select is required when 'includeResourceData' is true.");
        }
        if (selected.stream().anyMatch(name -> NEVER_IN_CONTENT.contains(name.toLowerCase(Locale.ROOT)))) {
            throw invalid("Body and UniqueBody cannot be part of a notification's resource data.");
        }
        if (NOT_FOR_OUTLOOK.stream().anyMatch(name -> options.text(name).isPresent())) {
            throw invalid("$top, $skip and $orderby are not supported in the resource of a subscription.");
        }
        return selected;
    }

    /** The member {@code encryptedContent} of an item; a resource that is gone has none. */
    Optional<ObjectNode> encrypted(Change change, ChangeType type, String fault) {
        Optional<ObjectNode> content = change.after().filter(after -> !isOutlook(change) || type != ChangeType.DELETED);
        return content.map(after -> {
            byte[] plain = bytes(isOutlook(change) ? selection(change, after) : whole(after));
            return encrypt(plain, fault);
        });
    }

    private static boolean isOutlook(Change change) {
        return change instanceof Change.Mail || change instanceof Change.Contact;
    }

    private static ObjectNode whole(ObjectNode entity) {
        ObjectNode content = Json.object()
                .put("@odata.context", "https://graph.microsoft.com/$metadata#Microsoft.Graph.ChatMessage/$entity");
        return content.setAll(entity);
    }

    /** Only what was selected, with full annotations. */
    private ObjectNode selection(Change change, ObjectNode entity) {
        ObjectNode all = entity.deepCopy();
        if (change instanceof Change.Mail mail) {
            all.put("parentFolderId", mail.folderId());
        }
        ObjectNode content = Json.object();
        for (String name : selected) {
            all.properties().stream()
                    .filter(property -> property.getKey().equalsIgnoreCase(name))
                    .findFirst()
                    .ifPresent(property -> annotated(content, property.getKey(), property.getValue()));
        }
        return content;
    }

    private static void annotated(ObjectNode content, String name, JsonNode value) {
        if (name.endsWith("DateTime")) {
            content.put(name + "@odata.type", "#DateTimeOffset");
        } else if (name.equals("importance")) {
            content.put(name + "@odata.type", "#microsoft.graph.importance");
        } else if (value.path("emailAddress") instanceof ObjectNode) {
            ObjectNode recipient = Json.object().put("@odata.type", "#microsoft.graph.recipient");
            ObjectNode address =
                    recipient.putObject("emailAddress").put("@odata.type", "#microsoft.graph.emailAddress");
            address.setAll((ObjectNode) value.path("emailAddress"));
            content.set(name, recipient);
            return;
        }
        content.set(name, value);
    }

    private ObjectNode encrypt(byte[] plain, String fault) {
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        try {
            Cipher wrap = Cipher.getInstance("RSA/ECB/OAEPWithSHA1AndMGF1Padding");
            wrap.init(Cipher.ENCRYPT_MODE, key, OAEPParameterSpec.DEFAULT);
            SecretKeySpec aes = new SecretKeySpec(secret, "AES");
            Cipher encrypt = Cipher.getInstance("AES/CBC/PKCS5Padding");
            encrypt.init(Cipher.ENCRYPT_MODE, aes, new IvParameterSpec(Arrays.copyOf(secret, 16)));
            byte[] data = encrypt.doFinal(plain);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            byte[] signature = mac.doFinal(data);
            if (fault.equals("swapped")) {
                data[0] ^= 1;
            } else if (fault.equals("badSignature")) {
                signature[0] ^= 1;
            }
            Base64.Encoder base64 = Base64.getEncoder();
            return Json.object()
                    .put("data", base64.encodeToString(data))
                    .put("dataSignature", base64.encodeToString(signature))
                    .put("dataKey", base64.encodeToString(wrap.doFinal(secret)))
                    .put("encryptionCertificateId", certificateId)
                    .put("encryptionCertificateThumbprint", thumbprint);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
    }

    private static byte[] bytes(ObjectNode content) {
        return content.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static GraphError invalid(String message) {
        return GraphError.of(400, "InvalidRequest", message);
    }
}
