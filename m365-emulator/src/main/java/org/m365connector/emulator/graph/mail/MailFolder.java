package org.m365connector.emulator.graph.mail;

import java.util.Optional;

/** A folder of a mailbox. Its id stays, whatever kind of ids a client prefers. */
record MailFolder(
        String id, String displayName, Optional<String> wellKnownName, Optional<String> parentId, boolean hidden) {

    boolean is(String wellKnown) {
        return wellKnownName.filter(wellKnown::equals).isPresent();
    }
}
