package org.m365connector.outbox;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Says which rows a Kafka transaction carried. It is committed with that transaction, as the metadata of a consumer group's
 * offset, so it is there exactly if the records are. Whoever becomes the leader deletes the rows it names instead of sending
 * them again.
 *
 * @param ids of the rows, rising
 * @param hash of what they contained, so that rows of a database that was restored or made anew never pass for them
 */
record Receipt(List<Long> ids, String hash) {

    private static final String FORM = "1";

    static Receipt of(List<OutboxRow> rows) {
        return new Receipt(rows.stream().map(OutboxRow::id).toList(), hash(rows));
    }

    /** Whether these are the rows. */
    boolean isFor(List<OutboxRow> rows) {
        return !rows.isEmpty() && equals(of(rows));
    }

    /** Form, hash, and the ids as differences in base 36: at most 3.4 KiB for a whole batch. */
    String write() {
        var text = new StringJoiner(" ").add(FORM).add(hash);
        long before = 0;
        for (long id : ids) {
            text.add(Long.toString(id - before, 36));
            before = id;
        }
        return text.toString();
    }

    /** Empty for what is no receipt of ours. */
    static Optional<Receipt> read(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length < 3 || !parts[0].equals(FORM)) {
            return Optional.empty();
        }
        var ids = new ArrayList<Long>();
        long id = 0;
        try {
            for (int i = 2; i < parts.length; i++) {
                id += Long.parseLong(parts[i], 36);
                ids.add(id);
            }
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
        return Optional.of(new Receipt(ids, parts[1]));
    }

    private static String hash(List<OutboxRow> rows) {
        MessageDigest digest = sha256();
        for (OutboxRow row : rows) {
            ProducerRecord<String, byte[]> record = row.record();
            update(digest, row.createdAt().toString());
            update(digest, record.topic());
            update(digest, record.key());
            update(digest, HeaderJson.write(record.headers()));
            digest.update(record.value() == null ? new byte[0] : record.value());
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
    }

    private static void update(MessageDigest digest, String text) {
        digest.update(String.valueOf(text).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
