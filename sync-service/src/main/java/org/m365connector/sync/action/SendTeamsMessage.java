package org.m365connector.sync.action;

import com.microsoft.graph.models.BodyType;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.ItemBody;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.m365connector.capability.Operation;
import org.m365connector.events.Body;
import org.m365connector.events.TeamsMessageSend;

/**
 * Posts a message or a reply in a channel. Graph offers no key to recognise a message by, so an attempt that may have been
 * executed is never repeated.
 */
record SendTeamsMessage(TeamsMessageSend data) implements Command {

    @Override
    public Operation operation() {
        List<String> path = new ArrayList<>(List.of(
                "teams", data.channel().teamId(), "channels", data.channel().channelId(), "messages"));
        data.replyToId().ifPresent(root -> path.addAll(List.of(root, "replies")));
        return new Operation("POST", path);
    }

    @Override
    public String feature() {
        return "teams-send";
    }

    @Override
    public Conclusion run(Attempt attempt) {
        if (attempt.trace().isPresent()) {
            return new Conclusion.Unknown();
        }
        attempt.begin(new Step.PostingMessage());
        ChatMessage posted = post(attempt);
        Map<String, String> ids = new HashMap<>();
        ids.put("teamId", data.channel().teamId());
        ids.put("channelId", data.channel().channelId());
        ids.put("messageId", posted.getId());
        data.replyToId().ifPresent(root -> ids.put("replyToId", root));
        return new Conclusion.Done(
                posted.getId(), ids, posted.getWebUrl() == null ? Map.of() : Map.of("web", posted.getWebUrl()));
    }

    private ChatMessage post(Attempt attempt) {
        var messages = attempt.graph()
                .teams()
                .byTeamId(data.channel().teamId())
                .channels()
                .byChannelId(data.channel().channelId())
                .messages();
        ChatMessage message = new ChatMessage();
        message.setBody(itemBody(data.body()));
        return data.replyToId().isPresent()
                ? messages.byChatMessageId(data.replyToId().get()).replies().post(message)
                : messages.post(message);
    }

    static ItemBody itemBody(Body body) {
        ItemBody itemBody = new ItemBody();
        itemBody.setContentType(body.contentType().equals("html") ? BodyType.Html : BodyType.Text);
        itemBody.setContent(body.content());
        return itemBody;
    }
}
