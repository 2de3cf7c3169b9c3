package org.m365connector.sync.rich;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.m365connector.events.EncryptedResource;
import org.m365connector.events.RegistrationRecord;

/** The content of notifications, where it is Graph's and was encrypted for us. Asks the database and, now and then, Entra. */
@ApplicationScoped
public class RichContents {
    private final NotificationKeys keys;
    private final ValidationTokens tokens;

    RichContents(NotificationKeys keys, ValidationTokens tokens) {
        this.keys = keys;
        this.tokens = tokens;
    }

    /** Why content is not used. */
    public enum Refusal {
        NOT_PROVEN("not-proven"),
        KEY_UNKNOWN("key-unknown"),
        NOT_OPENED("not-opened");

        private final String word;

        Refusal(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** Either the resource's JSON or why there is none. */
    public record Opened(Optional<byte[]> json, Optional<Refusal> refusal) {
        static Opened not(Refusal why) {
            return new Opened(Optional.empty(), Optional.of(why));
        }

        /** Leaves out what people wrote. */
        @Override
        public String toString() {
            return "Opened[refusal=" + refusal + "]";
        }
    }

    /** @param registration whose app the subscription is */
    public Opened open(EncryptedResource sealed, RegistrationRecord registration) {
        if (!tokens.prove(sealed.validationTokens(), registration, sealed.tenantId())) {
            return Opened.not(Refusal.NOT_PROVEN);
        }
        return keys.privateKey(sealed.certificateId())
                .map(key -> Envelope.open(sealed, key)
                        .map(json -> new Opened(Optional.of(json), Optional.empty()))
                        .orElseGet(() -> Opened.not(Refusal.NOT_OPENED)))
                .orElseGet(() -> Opened.not(Refusal.KEY_UNKNOWN));
    }
}
