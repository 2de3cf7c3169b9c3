package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.chats.Paging;
import org.m365connector.emulator.graph.delta.DeltaSource;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Filter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.switches.Switches;

/** The messages of a channel: posts of the last eight months, their replies if expanded. What is deleted comes as such. */
final class ChannelDelta implements DeltaSource {

    private static final Set<String> SUPPORTED = Set.of("top", "filter", "expand", "skiptoken", "deltatoken");

    /** Shows a post with its replies. */
    @FunctionalInterface
    interface Expanded {
        ObjectNode of(Call call, Channel channel, ChannelMessage post);
    }

    private final Channel channel;
    private final Expanded expanded;
    private final Switches switches;
    private final Clock clock;

    ChannelDelta(Channel channel, Expanded expanded, Switches switches, Clock clock) {
        this.channel = channel;
        this.expanded = expanded;
        this.switches = switches;
        this.clock = clock;
    }

    @Override
    public String container() {
        return channel.team().id + "/" + channel.id;
    }

    @Override
    public long position() {
        return channel.position();
    }

    @Override
    public String type() {
        return "chatMessage";
    }

    @Override
    public void check(Query options) {
        for (String name : options.names()) {
            if (!SUPPORTED.contains(name)) {
                throw GraphError.badRequest("Query option '" + name + "' is not allowed.");
            }
        }
        Paging.checkTop(options, switches.number("paging.channelMessagesDelta.max"));
        options.text("expand").ifPresent(TeamsCalls::checkExpand);
        options.text("filter").ifPresent(text -> {
            if (!text.matches("(?i)\\s*lastModifiedDateTime\\s+gt\\s+\\S+\\s*")) {
                throw GraphError.badRequest("Invalid filter clause: only lastModifiedDateTime gt is supported.");
            }
            Filter.parse(text);
        });
    }

    @Override
    public List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call) {
        boolean replies = options.has("expand");
        Optional<Filter> filter = options.text("filter").map(Filter::parse);
        Instant oldest = clock.instant()
                .atZone(ZoneOffset.UTC)
                .minusMonths(switches.number("delta.channelMessagesMonths"))
                .toInstant();
        List<ChannelMessage> posts = new ArrayList<>(channel.roots());
        posts.removeIf(post -> at(post, replies) <= since
                || Long.parseLong(post.id()) < oldest.toEpochMilli()
                || filter.filter(f -> !f.matches(post.entity)).isPresent());
        posts.sort(Comparator.comparingLong(post -> at(post, replies)));
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        for (ChannelMessage post : posts) {
            entries.add(later -> Optional.of(replies ? expanded.of(later, channel, post) : post.entity.deepCopy()));
        }
        return entries;
    }

    private static long at(ChannelMessage post, boolean withReplies) {
        return withReplies ? post.threadChangedAt : post.changedAt;
    }

    @Override
    public int pageSize(Query options, Call call) {
        return options.number("top", 1).orElse(switches.number("paging.channelMessages.default"));
    }

    @Override
    public GraphError gone(Call call) {
        return GraphError.of(410, "syncStateNotFound", "The sync state is not found. Start over without a token.");
    }
}
