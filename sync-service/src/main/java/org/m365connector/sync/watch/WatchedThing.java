package org.m365connector.sync.watch;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * What to watch, as the portal names it.
 *
 * @param user whose mailbox or drive, by user principal name or id; the acting account's own where it is missing
 * @param folder id or well-known name of a mail folder, {@code inbox} where it is missing; or id of a folder of contacts, the standard
 *     one where it is missing
 * @param calendar id of a calendar of the mailbox, its standard one where it is missing
 * @param driveId a drive by its id, instead of somebody's own
 * @param member of a part of somebody's chats: his object id; nothing that a portal names
 */
public record WatchedThing(
        Optional<String> user,
        Optional<String> folder,
        Optional<String> teamId,
        Optional<String> channelId,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> calendar,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> driveId,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> member) {

    public WatchedThing {
        user = user == null ? Optional.empty() : user;
        folder = folder == null ? Optional.empty() : folder;
        teamId = teamId == null ? Optional.empty() : teamId;
        channelId = channelId == null ? Optional.empty() : channelId;
        calendar = calendar == null ? Optional.empty() : calendar;
        driveId = driveId == null ? Optional.empty() : driveId;
        member = member == null ? Optional.empty() : member;
    }

    /** Somebody's mail folder. */
    static WatchedThing mailFolder(Optional<String> user, String folder) {
        return new WatchedThing(
                user,
                Optional.of(folder),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static WatchedThing channel(String team, String channel) {
        return new WatchedThing(
                Optional.empty(),
                Optional.empty(),
                Optional.of(team),
                Optional.of(channel),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A chat of a person, as its member. */
    static WatchedThing chatOf(Optional<String> user, String member) {
        return new WatchedThing(
                user,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(member));
    }
}
