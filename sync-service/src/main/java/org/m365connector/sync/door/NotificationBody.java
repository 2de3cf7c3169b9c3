package org.m365connector.sync.door;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.m365connector.events.EncryptedResource;
import org.m365connector.events.EventCodec;
import org.m365connector.events.NotificationHint;

/** What Graph posted, item by item: a bad item never spoils its neighbours. */
record NotificationBody(List<NotificationHint> hints, int unknown) {

    /** Graph's are some hundred characters; a round finds out for itself anyway. */
    private static final int LONGEST_TEXT = 2_000;

    private static final int LONGEST_TOKEN = 8_000;
    private static final int MOST_TOKENS = 10;

    /** Not a collection of notifications at all. */
    static final class MalformedException extends Exception {
        MalformedException(Throwable cause) {
            super(cause);
        }
    }

    static NotificationBody parse(Buffer body, ClientStates clientStates, int mostItems, long largestContent)
            throws MalformedException {
        JsonNode posted;
        try {
            posted = EventCodec.json().readTree(body.getBytes());
        } catch (IOException e) {
            throw new MalformedException(e);
        }
        JsonNode items = posted.path("value");
        if (!items.isArray() || items.size() > mostItems) {
            throw new MalformedException(null);
        }
        List<NotificationHint> hints = new ArrayList<>(items.size());
        int unknown = 0;
        List<String> tokens = tokens(posted.path("validationTokens"));
        for (JsonNode item : items) {
            String clientState = item.path("clientState").textValue();
            Optional<String> watch = clientStates.watchOf(clientState);
            if (watch.isPresent()) {
                hints.add(new NotificationHint(
                        watch.get(),
                        text(item, "subscriptionId").orElse(""),
                        text(item, "changeType"),
                        text(item, "resource"),
                        text(item.path("resourceData"), "@odata.etag"),
                        text(item, "lifecycleEvent"),
                        ClientStates.allowsContent(clientState)
                                ? content(item, tokens, largestContent)
                                : Optional.empty()));
            } else {
                unknown++;
            }
        }
        return new NotificationBody(hints, unknown);
    }

    /** Tokens that are too many or too large are none, and what they would prove is found by a round. */
    private static List<String> tokens(JsonNode given) {
        List<String> tokens = new ArrayList<>();
        for (JsonNode token : given) {
            if (token.isTextual() && token.textValue().length() <= LONGEST_TOKEN && tokens.size() < MOST_TOKENS) {
                tokens.add(token.textValue());
            }
        }
        return tokens;
    }

    /** Still encrypted. Without proof, or with members that Graph would not send, it stays a hint. */
    private static Optional<EncryptedResource> content(JsonNode item, List<String> tokens, long largest) {
        JsonNode sealed = item.path("encryptedContent");
        Optional<String> data =
                Optional.ofNullable(sealed.path("data").textValue()).filter(text -> text.length() <= largest);
        Optional<String> key = text(sealed, "dataKey");
        Optional<String> signature = text(sealed, "dataSignature");
        Optional<String> certificate = text(sealed, "encryptionCertificateId");
        Optional<String> id = text(item.path("resourceData"), "id");
        Optional<String> tenant = text(item, "tenantId");
        boolean whole = Stream.of(data, key, signature, certificate, id, tenant).allMatch(Optional::isPresent);
        if (!whole || tokens.isEmpty() || !isAscii(data.get())) {
            return Optional.empty();
        }
        return Optional.of(new EncryptedResource(
                data.get(),
                key.get(),
                signature.get(),
                certificate.get(),
                id.get(),
                text(item.path("resourceData"), "@odata.etag"),
                tenant.get(),
                tokens));
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(letter -> letter < 128);
    }

    /** What Kafka does not take would be answered 503, and so come again for ever: half characters, and more than fits a record. */
    private static Optional<String> text(JsonNode item, String member) {
        return Optional.ofNullable(item.path(member).textValue())
                .map(text -> text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text)
                .map(text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }
}
