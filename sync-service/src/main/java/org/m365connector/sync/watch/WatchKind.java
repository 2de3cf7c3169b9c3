package org.m365connector.sync.watch;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Kinds of containers that can be watched. */
public enum WatchKind {
    MAIL_FOLDER("mail-folder", "mail-read"),
    CHANNEL("channel", "teams-read");

    private final String word;
    private final String feature;

    WatchKind(String word, String feature) {
        this.word = word;
        this.feature = feature;
    }

    /** @throws IllegalArgumentException where there is no such kind */
    @JsonCreator
    public static WatchKind of(String word) {
        return Arrays.stream(values())
                .filter(kind -> kind.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind is neither mail-folder nor channel"));
    }

    @JsonValue
    public String word() {
        return word;
    }

    /** The feature that a portal must be entitled to. */
    public String feature() {
        return feature;
    }
}
