package org.m365connector.sync.watch;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Kinds of containers that can be watched. */
public enum WatchKind {
    MAIL_FOLDER("mail-folder"),
    CHANNEL("channel");

    private final String word;

    WatchKind(String word) {
        this.word = word;
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
}
