package org.m365connector.sync.change;

import java.util.Map;
import java.util.TreeMap;

/** Names the version of a resource for which Graph has no etag: a hash of what it says. */
public final class ChangeVersion {
    private static final int LENGTH = 32;

    private ChangeVersion() {}

    public static String of(Map<String, String> fields) {
        return ChangeIds.sha256(new TreeMap<>(fields).toString()).substring(0, LENGTH);
    }
}
