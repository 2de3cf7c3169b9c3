package org.m365connector.auth.permission;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a registration may be used for, and the least delegated permissions that this takes. */
public enum Feature {
    MAIL_READ("Mail.Read"),
    /** A draft is made first, so that the result can name the message: that takes ReadWrite. */
    MAIL_SEND("Mail.ReadWrite Mail.Send"),
    CALENDAR("Calendars.ReadWrite"),
    CONTACTS("Contacts.ReadWrite"),
    TASKS("Tasks.ReadWrite"),
    TEAMS_READ("Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Read.All"),
    TEAMS_SEND("ChannelMessage.Send"),
    TEAMS_MANAGE("Team.Create Channel.Create TeamMember.ReadWrite.All"),
    MEETINGS("OnlineMeetings.ReadWrite"),
    GROUPS("Group.ReadWrite.All"),
    FILES("Files.ReadWrite");

    private final String delegated;

    /** @param delegated permissions, separated by spaces */
    Feature(String delegated) {
        this.delegated = delegated;
    }

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

    List<String> delegated() {
        return List.of(delegated.split(" "));
    }
}
