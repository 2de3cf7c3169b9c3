package org.m365connector.auth.registration;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.m365connector.auth.attention.AttentionKind;
import org.m365connector.auth.attention.Attentions;
import org.m365connector.auth.attention.Concern;
import org.m365connector.auth.entra.CredentialWitness;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Tells people of credentials that Entra refuses and of those that end. */
@ApplicationScoped
class CredentialAttentions implements CredentialWitness {

    /** One credential that has an end. */
    record Ending(PortalId portal, RegistrationName registration, String credentialId, Instant end) {}

    private static final Duration NOT_LONG_AGO = Duration.ofDays(30);

    private final Credentials credentials;
    private final Registrations registrations;
    private final Attentions attentions;
    private final Clock clock;

    CredentialAttentions(Credentials credentials, Registrations registrations, Attentions attentions, Clock clock) {
        this.credentials = credentials;
        this.registrations = registrations;
        this.attentions = attentions;
        this.clock = clock;
    }

    @Override
    @Transactional
    public void accepted(String credentialId) {
        ifThere(
                credentialId,
                (registration, credential) ->
                        attentions.over(concern(registration, credential, AttentionKind.CREDENTIAL_REFUSED)));
    }

    @Override
    @Transactional
    public void refused(String credentialId) {
        ifThere(
                credentialId,
                (registration, credential) ->
                        attentions.raise(concern(registration, credential, AttentionKind.CREDENTIAL_REFUSED)));
    }

    /** The credentials that end first, and those that have ended not long ago. */
    @Transactional
    List<Ending> ending(int most) {
        Instant now = clock.instant();
        return credentials.endingFirst(now, now.minus(NOT_LONG_AGO), most).stream()
                .flatMap(credential -> registrations.findByIdOptional(credential.registrationId).stream()
                        .map(registration -> new Ending(
                                registration.portal(), registration.name(), credential.id, credential.expiresAt)))
                .toList();
    }

    /** Ids of a part of those whose end has come nearer than people have been told, in the order of the ids. */
    @Transactional
    List<String> untold(ExpiryStage stage, String after, int most) {
        return credentials.untold(stage, clock.instant(), after, most);
    }

    @Transactional
    void lookAtEnd(String credentialId) {
        ifThere(credentialId, this::lookAtEnd);
    }

    /** Part of the caller's transaction. */
    void lookAtEnd(Registration registration, Credential credential) {
        Optional.ofNullable(credential.expiresAt)
                .flatMap(end -> ExpiryStage.of(end, clock.instant()))
                .ifPresent(stage -> tell(registration, credential, stage));
    }

    private void tell(Registration registration, Credential credential, ExpiryStage stage) {
        Concern expiring = concern(registration, credential, AttentionKind.CREDENTIAL_EXPIRING);
        Concern expired = concern(registration, credential, AttentionKind.CREDENTIAL_EXPIRED);
        Optional<Instant> end = Optional.of(credential.expiresAt);
        if (stage == ExpiryStage.OVER) {
            attentions.over(expiring);
            attentions.raise(expired, end, stage.urgency());
        } else if (!attentions.isOpen(expired)) {
            // Another replica's clock may be a little ahead of ours: what is over does not come near again.
            attentions.raise(expiring, end, stage.urgency());
        }
    }

    /** Its row is held until the end, so that whoever removes it ends what is raised here. */
    private void ifThere(String credentialId, BiConsumer<Registration, Credential> action) {
        credentials
                .findByIdOptional(credentialId, LockModeType.PESSIMISTIC_READ)
                .ifPresent(credential -> registrations
                        .findByIdOptional(credential.registrationId)
                        .ifPresent(registration -> action.accept(registration, credential)));
    }

    private static Concern concern(Registration registration, Credential credential, AttentionKind kind) {
        return Concern.ofCredential(registration.portal(), registration.name(), kind, credential.id);
    }
}
