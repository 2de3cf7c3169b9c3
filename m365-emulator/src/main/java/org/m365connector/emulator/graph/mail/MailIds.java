package org.m365connector.emulator.graph.mail;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/** Makes ids that look like Exchange's: long, url-safe base64, and to be told apart by case alone. */
final class MailIds {

    private static final SecureRandom RANDOM = new SecureRandom();

    private MailIds() {}

    /** An item's id until it moves. */
    static String item(String mailbox) {
        return "AAMkA" + encoded(mailbox, 60) + "AAA=";
    }

    /** An item's id for good. */
    static String immutable(String mailbox) {
        return "AAkALgAAAAAAHYQDEapmEc2byACqAC" + encoded(mailbox, 40) + "AA";
    }

    static String folder(String mailbox, String name) {
        byte[] bytes = (mailbox + "/" + name).getBytes(StandardCharsets.UTF_8);
        return "AQMkA" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + "AA==";
    }

    static String changeKey() {
        byte[] random = new byte[20];
        RANDOM.nextBytes(random);
        return "CQAAABYAAAD" + Base64.getEncoder().withoutPadding().encodeToString(random);
    }

    /** Edm.Binary, so in the ordinary alphabet of base64. */
    static String conversationIndex() {
        byte[] random = new byte[22];
        RANDOM.nextBytes(random);
        random[0] = 1;
        return Base64.getEncoder().encodeToString(random);
    }

    static String random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Whether Exchange would at least look for it. */
    static boolean wellFormed(String id) {
        return id.matches("A[AQ][MAk]k[A-Za-z0-9_=+/-]{8,}") || id.matches("AAkA[A-Za-z0-9_=+/-]{8,}");
    }

    private static String encoded(String mailbox, int random) {
        byte[] start = mailbox.substring(0, 8).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(start) + random(random);
    }
}
