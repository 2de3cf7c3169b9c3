package org.m365connector.sync.watch;

import java.util.Optional;

/**
 * What to watch, as the portal names it.
 *
 * @param user whose mailbox, by user principal name or id; the acting account's own where it is missing
 * @param folder id or well-known name of a mail folder; {@code inbox} where it is missing
 */
record WatchedThing(
        Optional<String> user, Optional<String> folder, Optional<String> teamId, Optional<String> channelId) {

    WatchedThing {
        user = user == null ? Optional.empty() : user;
        folder = folder == null ? Optional.empty() : folder;
        teamId = teamId == null ? Optional.empty() : teamId;
        channelId = channelId == null ? Optional.empty() : channelId;
    }
}
