package org.m365connector.sync.rich;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A key pair for which Graph encrypts: the certificate that it is given, and the private key, sealed. */
@Entity
@Table(name = "notification_key")
class NotificationKey {
    @Id
    String id;

    /** DER. */
    byte[] certificate;

    @Column(name = "private_key")
    byte[] privateKey;

    @Column(name = "made_at")
    Instant madeAt;
}
