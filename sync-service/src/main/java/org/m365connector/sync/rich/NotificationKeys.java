package org.m365connector.sync.rich;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jboss.logging.Logger;
import org.m365connector.sync.door.ClientStates;
import org.m365connector.sync.secret.Seal;

/**
 * The suite's key pairs for notifications with content. One is in use at a time; when it is old another takes its place, and the
 * former still opens what was encrypted for it. All replicas share them. Private keys are sealed with keys derived from
 * {@code m365.client-state-key}; one that does not open any more, since that has been replaced, is no key.
 */
@ApplicationScoped
public class NotificationKeys implements PanacheRepositoryBase<NotificationKey, String> {
    private static final Logger LOG = Logger.getLogger(NotificationKeys.class);
    private static final int BITS = 2048;
    private static final X500Name NAME = new X500Name("CN=m365-connector notifications");
    private static final Duration CLOCKS_DIFFER = Duration.ofDays(1);

    private final Seal seal;
    private final RichConfig config;
    private final Clock clock;

    NotificationKeys(ClientStates secrets, RichConfig config, Clock clock) {
        seal = new Seal(secrets.keysFor("private keys of notifications"));
        this.config = config;
        this.clock = clock;
    }

    /**
     * What Graph is given.
     *
     * @param base64 of the DER
     */
    public record PublicPart(String id, String base64) {}

    /** The one in use; made where there is none, or where it is too old. */
    public PublicPart current() {
        Optional<PublicPart> present = QuarkusTransaction.requiringNew().call(this::newest);
        return present.orElseGet(() -> {
            NotificationKey made = make();
            QuarkusTransaction.requiringNew().run(() -> persist(made));
            LOG.infof("key pair made for notifications with content id=%s", made.id);
            return publicPart(made);
        });
    }

    private Optional<PublicPart> newest() {
        return find("madeAt > ?1 order by madeAt desc", clock.instant().minus(config.rotateAfter())).stream()
                .filter(key -> seal.open(key.privateKey, key.id).isPresent())
                .findFirst()
                .map(NotificationKeys::publicPart);
    }

    private static PublicPart publicPart(NotificationKey key) {
        return new PublicPart(key.id, Base64.getEncoder().encodeToString(key.certificate));
    }

    /** Empty where there is no such key any more, or never was. */
    @Transactional(TxType.REQUIRES_NEW)
    Optional<PrivateKey> privateKey(String id) {
        return findByIdOptional(id)
                .flatMap(key -> seal.open(key.privateKey, key.id))
                .map(NotificationKeys::read);
    }

    private static PrivateKey read(byte[] pkcs8) {
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a stored key cannot be read", e);
        }
    }

    /** Graph looks at nothing of the certificate but the key. */
    private NotificationKey make() {
        Instant now = clock.instant();
        Instant last = now.plus(config.rotateAfter()).plus(config.keepAfterwards());
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            KeyPair pair = generator.generateKeyPair();
            NotificationKey key = new NotificationKey();
            key.id = UUID.randomUUID().toString();
            key.madeAt = now;
            key.privateKey = seal.seal(pair.getPrivate().getEncoded(), key.id);
            key.certificate = new JcaX509v3CertificateBuilder(
                            NAME,
                            new BigInteger(120, new SecureRandom()),
                            Date.from(now.minus(CLOCKS_DIFFER)),
                            Date.from(last.plus(CLOCKS_DIFFER)),
                            NAME,
                            pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate()))
                    .getEncoded();
            return key;
        } catch (GeneralSecurityException | OperatorCreationException | java.io.IOException e) {
            throw new IllegalStateException("cannot make a key pair", e);
        }
    }

    /** Forgets those that nothing can be encrypted for any more. */
    @Scheduled(every = "1h", delayed = "1m")
    @Transactional(TxType.REQUIRES_NEW)
    public void forget() {
        delete("madeAt < ?1", clock.instant().minus(config.rotateAfter()).minus(config.keepAfterwards()));
    }
}
