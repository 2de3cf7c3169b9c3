package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.Channel;
import com.microsoft.graph.models.ChannelCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.teams.item.channels.ChannelsRequestBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.ChangeVersion;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;

/** The channels of a team. There is no delta: all of them each time. */
final class TeamReader implements ContainerReader {
    private final GraphServiceClient client;
    private final String team;

    TeamReader(GraphServiceClient client, String team) {
        this.client = client;
        this.team = team;
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        ChannelCollectionResponse page = link.isPresent()
                ? channels().withUrl(GraphAccess.absolute(client, link.get())).get()
                : channels().get();
        List<Channel> value = page.getValue() == null ? List.of() : page.getValue();
        Optional<String> next = Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative);
        return new DeltaPage(
                value.stream().map(this::item).toList(),
                next,
                next.isPresent() ? Optional.empty() : Optional.of(ChatsReader.LISTED));
    }

    @Override
    public boolean isThere(Item item) {
        return missed(item).isPresent();
    }

    @Override
    public Optional<Item> missed(Item item) {
        return ContainerReader.ifThere(
                () -> item(channels().byChannelId(item.id()).get()));
    }

    private ChannelsRequestBuilder channels() {
        return client.teams().byTeamId(team).channels();
    }

    /** A channel has neither an etag nor the time of its last change: its version is what it says. */
    private Item item(Channel channel) {
        Map<String, String> fields = fields(channel);
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("id", channel.getId());
        Members.put(resource, "displayName", channel.getDisplayName());
        Members.put(resource, "description", channel.getDescription());
        Members.put(
                resource,
                "membershipType",
                channel.getMembershipType() == null
                        ? null
                        : channel.getMembershipType().getValue());
        Members.put(resource, "createdDateTime", channel.getCreatedDateTime());
        Members.put(resource, "webUrl", channel.getWebUrl());
        return new Item(
                channel.getId(),
                "teams/" + team + "/channels/" + channel.getId(),
                false,
                ChangeVersion.of(fields),
                Members.instant(channel.getCreatedDateTime()),
                Members.instant(channel.getCreatedDateTime()),
                resource,
                fields);
    }

    private static Map<String, String> fields(Channel channel) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("displayName", Objects.toString(channel.getDisplayName(), ""));
        fields.put("description", Objects.toString(channel.getDescription(), ""));
        fields.put("membershipType", Objects.toString(channel.getMembershipType(), ""));
        fields.put("isArchived", Objects.toString(channel.getIsArchived(), ""));
        return fields;
    }
}
