package org.m365connector.sync.subscription;

import org.m365connector.sync.watch.MailMembers;
import org.m365connector.sync.watch.WatchKind;

/** What notifications with content shall hold. Of mails only what is named; of Teams' messages always all. */
final class RichResources {
    private RichResources() {}

    /** To be put behind the resource of a subscription. */
    static String query(WatchKind kind) {
        return kind == WatchKind.MAIL_FOLDER ? "?$select=" + String.join(",", MailMembers.IN_NOTIFICATIONS) : "";
    }
}
