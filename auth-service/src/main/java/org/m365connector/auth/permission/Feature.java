package org.m365connector.auth.permission;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a registration may be used for. What that takes of Graph is {@link PermissionPlanner}'s to say. */
public enum Feature {
    MAIL_READ,
    /** A draft is made first, so that the result can name the message. */
    MAIL_SEND,
    CALENDAR,
    CONTACTS,
    TASKS,
    TEAMS_READ,
    CHATS_READ,
    TEAMS_SEND,
    TEAMS_MANAGE,
    MEETINGS,
    GROUPS,
    FILES;

    /** The name that the API uses: {@code mail-read}. */
    public String slug() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    public static Optional<Feature> ofSlug(String slug) {
        return Arrays.stream(values())
                .filter(feature -> feature.slug().equals(slug))
                .findFirst();
    }

    public static List<String> slugs() {
        return Arrays.stream(values()).map(Feature::slug).toList();
    }
}
