package org.m365connector.emulator.tokens;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes X.509 v3 certificates (RFC 5280) in DER. The JDK can read but not make certificates except through the keytool
 * process, which takes a second; the few structures needed here are quicker written than a library is maintained.
 */
public final class CertificateMaker {

    private static final Duration LIFE = Duration.ofDays(825);
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final byte[] COMMON_NAME = oid(2, 5, 4, 3);
    private static final byte[] BASIC_CONSTRAINTS = oid(2, 5, 29, 19);
    private static final byte[] KEY_USAGE = oid(2, 5, 29, 15);
    private static final byte[] EXTENDED_KEY_USAGE = oid(2, 5, 29, 37);
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = oid(2, 5, 29, 17);
    private static final byte[] SERVER_AUTHENTICATION = oid(1, 3, 6, 1, 5, 5, 7, 3, 1);

    private final SecureRandom random = new SecureRandom();
    private final Instant now = Instant.now();

    /** A certificate authority that signs itself. */
    public byte[] authority(String name, KeyPair keys) throws GeneralSecurityException {
        byte[] mayIssue = sequence(tlv(0x01, new byte[] {(byte) 0xff}));
        byte[] certificateSign = tlv(0x03, new byte[] {1, 0x06});
        return certificate(
                name,
                name,
                keys.getPublic(),
                keys.getPrivate(),
                sequence(extension(BASIC_CONSTRAINTS, true, mayIssue), extension(KEY_USAGE, true, certificateSign)));
    }

    /** A server's certificate, valid for these host names and addresses. */
    public byte[] server(List<String> hosts, PublicKey key, String authorityName, PrivateKey authorityKey)
            throws GeneralSecurityException {
        byte[] names =
                sequence(hosts.stream().map(CertificateMaker::alternativeName).toArray(byte[][]::new));
        byte[] digitalSignature = tlv(0x03, new byte[] {7, (byte) 0x80});
        return certificate(
                authorityName,
                hosts.get(0),
                key,
                authorityKey,
                sequence(
                        extension(KEY_USAGE, true, digitalSignature),
                        extension(EXTENDED_KEY_USAGE, false, sequence(SERVER_AUTHENTICATION)),
                        extension(SUBJECT_ALTERNATIVE_NAME, false, names)));
    }

    /** A certificate that only carries a key that signs tokens or client assertions. */
    public byte[] signingCertificate(String name, KeyPair keys) throws GeneralSecurityException {
        byte[] digitalSignature = tlv(0x03, new byte[] {7, (byte) 0x80});
        return certificate(
                name,
                name,
                keys.getPublic(),
                keys.getPrivate(),
                sequence(extension(KEY_USAGE, true, digitalSignature)));
    }

    private byte[] certificate(String issuer, String subject, PublicKey key, PrivateKey signer, byte[] extensions)
            throws GeneralSecurityException {
        boolean ec = "EC".equals(signer.getAlgorithm());
        // ecdsa-with-SHA256, or sha256WithRSAEncryption with its NULL parameter.
        byte[] algorithm = ec
                ? sequence(oid(1, 2, 840, 10045, 4, 3, 2))
                : sequence(oid(1, 2, 840, 113549, 1, 1, 11), tlv(0x05, new byte[0]));
        byte[] version3 = tlv(0xa0, tlv(0x02, new byte[] {2}));
        byte[] serial = tlv(0x02, new BigInteger(120, random).setBit(119).toByteArray());
        byte[] validity = sequence(time(now.minus(Duration.ofDays(1))), time(now.plus(LIFE)));
        byte[] content = sequence(
                version3,
                serial,
                algorithm,
                name(issuer),
                validity,
                name(subject),
                key.getEncoded(),
                tlv(0xa3, extensions));
        Signature signature = Signature.getInstance(ec ? "SHA256withECDSA" : "SHA256withRSA");
        signature.initSign(signer);
        signature.update(content);
        return sequence(content, algorithm, tlv(0x03, join(new byte[] {0}, signature.sign())));
    }

    private static byte[] name(String commonName) {
        byte[] text = tlv(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
        return sequence(tlv(0x31, sequence(COMMON_NAME, text)));
    }

    private static byte[] time(Instant at) {
        return tlv(0x17, UTC_TIME.format(at).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] extension(byte[] id, boolean critical, byte[] value) {
        byte[] octets = tlv(0x04, value);
        return critical ? sequence(id, tlv(0x01, new byte[] {(byte) 0xff}), octets) : sequence(id, octets);
    }

    private static byte[] alternativeName(String host) {
        if (host.matches("\\d+\\.\\d+\\.\\d+\\.\\d+")) {
            List<Byte> parts = new ArrayList<>();
            for (String part : List.of(host.split("\\.", -1))) {
                parts.add((byte) Integer.parseInt(part));
            }
            return tlv(0x87, new byte[] {parts.get(0), parts.get(1), parts.get(2), parts.get(3)});
        }
        if (host.equals("::1")) {
            byte[] loopback = new byte[16];
            loopback[15] = 1;
            return tlv(0x87, loopback);
        }
        return tlv(0x82, host.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] oid(int... arcs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(arcs[0] * 40 + arcs[1]);
        for (int i = 2; i < arcs.length; i++) {
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arcs[i] >> shift != 0) {
                    out.write(((arcs[i] >> shift) & 0x7f) | 0x80);
                }
            }
            out.write(arcs[i] & 0x7f);
        }
        return tlv(0x06, out.toByteArray());
    }

    private static byte[] sequence(byte[]... parts) {
        return tlv(0x30, join(parts));
    }

    private static byte[] tlv(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length & 0xff);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
