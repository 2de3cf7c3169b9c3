package org.m365connector.emulator.graph.drives;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.GraphError;

/** Ids of drives and items, as OneDrive for Business has them. */
final class DriveIds {

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private DriveIds() {}

    /** Of somebody's drive: the same after every reset. */
    static String of(UserAccount owner) {
        byte[] bytes = ("drive/" + owner.oid()).getBytes(StandardCharsets.UTF_8);
        return "b!" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Of a new item: {@code 01} and 32 letters. */
    static String ofNewItem() {
        UUID random = UUID.randomUUID();
        StringBuilder made = new StringBuilder("01");
        long bits = random.getMostSignificantBits() ^ Long.rotateLeft(random.getLeastSignificantBits(), 7);
        for (int i = 0; i < 32; i++) {
            bits = bits * 6364136223846793005L + 1442695040888963407L;
            made.append(LETTERS.charAt((int) (bits >>> 59)));
        }
        return made.toString();
    }

    /** Of a drive that nobody has. */
    static GraphError unknown(String driveId) {
        return driveId.matches("b![A-Za-z0-9_-]{8,}") ? DriveErrors.itemNotFound() : DriveErrors.malformedDrive();
    }
}
