package org.m365connector.sync.watch;

import java.util.List;
import java.util.stream.Stream;

/** Which members of a mail we look at: in a round, and in a notification that carries content. */
public final class MailMembers {
    private static final List<String> ALWAYS = List.of(
            "subject",
            "from",
            "toRecipients",
            "createdDateTime",
            "receivedDateTime",
            "lastModifiedDateTime",
            "isRead",
            "importance",
            "hasAttachments",
            "isDraft",
            "categories",
            "flag",
            "internetMessageId",
            "webLink");

    public static final List<String> IN_ROUNDS =
            Stream.concat(Stream.of("id", "changeKey"), ALWAYS.stream()).toList();

    /** The notification itself names id and version; the folder says that the mail is still there. */
    public static final List<String> IN_NOTIFICATIONS =
            Stream.concat(ALWAYS.stream(), Stream.of("parentFolderId")).toList();

    private MailMembers() {}
}
