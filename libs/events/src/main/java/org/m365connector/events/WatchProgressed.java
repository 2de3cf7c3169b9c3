package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * How far a container under a watch has been read as a whole. It comes on the key of the container's changes, so whatever was told
 * before it is what has been read so far. One with {@code done} ends each sync, for each watch of the container; what a sync of one page
 * would tell before is left out. The id is a hash of portal, container, watch, beginning, counts and {@code done}.
 *
 * <p>The counts never go back while {@code begunAt} stays the same. A sync that has to begin anew has a later beginning, and the one
 * before is never done.
 *
 * @param container path of the container below Graph's version; one of a whole's parts ({@code mailbox}, {@code team}, {@code chats})
 *     names the watch of the whole
 * @param sync why everything is read
 * @param pages that have been read of it
 * @param items things that have been looked at, also those that there is nothing to tell of
 * @param done whether the sync has ended: from now on it is changes only
 */
public record WatchProgressed(
        String watch, String container, Sync sync, Instant begunAt, int pages, long items, boolean done) {

    public static final String TYPE = "watch-progressed.v1";

    /** Why a container is read as a whole. */
    public enum Sync {
        /** Nothing of it is known yet. */
        @JsonProperty("first")
        FIRST,
        /** Graph cannot say any more what has changed, or another account asks from now on: everything is compared. */
        @JsonProperty("full")
        FULL
    }
}
