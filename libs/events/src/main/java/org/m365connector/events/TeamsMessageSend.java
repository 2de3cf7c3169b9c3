package org.m365connector.events;

import java.util.Optional;

/**
 * Data of the action {@code teams.message.send.v1}: a message in a channel, or a reply to one.
 *
 * @param replyToId id of the root message that is answered
 */
public record TeamsMessageSend(Channel channel, Optional<String> replyToId, Body body) {

    public static final String TYPE = "teams.message.send.v1";

    public TeamsMessageSend {
        if (channel == null) {
            throw new IllegalArgumentException("channel is missing");
        }
        if (body == null) {
            throw new IllegalArgumentException("body is missing");
        }
        replyToId = replyToId == null ? Optional.empty() : replyToId;
    }

    public record Channel(String teamId, String channelId) {

        public Channel {
            if (teamId == null || teamId.isBlank()) {
                throw new IllegalArgumentException("channel.teamId is missing");
            }
            if (channelId == null || channelId.isBlank()) {
                throw new IllegalArgumentException("channel.channelId is missing");
            }
        }
    }
}
