package org.m365connector.sync.change;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.m365connector.events.PortalId;
import org.m365connector.events.WatchProgressed;

/** Ids of changes and of progress: every path that finds the same state makes the same id. */
final class ChangeIds {
    private static final String DELETED = "deleted";

    private ChangeIds() {}

    /** @param etag ignored where it was deleted */
    static String of(
            PortalId portal, String container, String resourceId, int generation, String etag, boolean deleted) {
        return sha256(portal.value(), container, resourceId, Integer.toString(generation), deleted ? DELETED : etag);
    }

    static String of(PortalId portal, WatchProgressed progress) {
        return sha256(
                WatchProgressed.TYPE,
                portal.value(),
                progress.container(),
                progress.watch(),
                progress.begunAt().toString(),
                Integer.toString(progress.pages()),
                Long.toString(progress.items()),
                Boolean.toString(progress.done()));
    }

    /** Each part ends with a zero byte, which none contains, so that no two lists of parts look alike. */
    static String sha256(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
