package org.m365connector.bench;

import com.microsoft.graph.core.tasks.PageIterator;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.ChatMessageCollectionResponse;
import com.microsoft.graph.models.Event;
import com.microsoft.graph.models.EventCollectionResponse;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.MessageCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.UserItemRequestBuilder;
import com.microsoft.graph.users.item.calendars.item.CalendarItemRequestBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.LocalException;

/** What is in a container, by a full listing with Microsoft's own client, past all of ours. */
final class LedgerListing {

    private static final int PAGE = 100;
    private static final int TEAMS_PAGE = 50;
    private static final Duration BACK = Duration.ofDays(1);
    private static final Duration AHEAD = Duration.ofDays(100);

    private final GraphServiceClient graph;
    private final String viewBegin;
    private final String viewEnd;

    LedgerListing(String emulatorUrl) {
        Instant now = Instant.now();
        viewBegin = now.minus(BACK).toString();
        viewEnd = now.plus(AHEAD).toString();
        String token = Rest.at(emulatorUrl)
                .postForm(
                        "/" + Seed.TENANT_ID + "/oauth2/v2.0/token",
                        Map.of(
                                "grant_type",
                                "client_credentials",
                                "client_id",
                                Seed.CLIENT_ID,
                                "client_secret",
                                Seed.CLIENT_SECRET,
                                "scope",
                                "https://graph.microsoft.com/.default"))
                .expect(200)
                .json()
                .path("access_token")
                .asText();
        graph = new GraphServiceClient((request, context) -> request.headers.add("Authorization", "Bearer " + token));
        graph.getRequestAdapter().setBaseUrl(emulatorUrl + "/v1.0");
    }

    /** Ids of what is there; messages that were deleted stay at Graph, and say so. */
    Set<String> of(LedgerStage.Watched container) {
        String[] path = container.truth().split("/", -1);
        Set<String> found = new HashSet<>();
        try {
            switch (container.kind()) {
                case MAIL -> mails(path[1], path[3], found);
                case CALENDAR -> {
                    UserItemRequestBuilder owner = graph.users().byUserId(path[1]);
                    if (path.length > 3) {
                        events(owner.calendars().byCalendarId(path[3]), found);
                    } else {
                        events(owner, found);
                    }
                }
                case CHANNEL ->
                    messages(
                            graph.teams()
                                    .byTeamId(path[1])
                                    .channels()
                                    .byChannelId(path[3])
                                    .messages()
                                    .get(request -> request.queryParameters.top = TEAMS_PAGE),
                            found);
                case CHAT ->
                    messages(
                            graph.chats()
                                    .byChatId(path[1])
                                    .messages()
                                    .get(request -> request.queryParameters.top = TEAMS_PAGE),
                            found);
            }
        } catch (ReflectiveOperationException e) {
            throw new LocalException("The listing of " + container.truth() + " broke off: " + e, e);
        }
        return found;
    }

    private void mails(String mailbox, String folder, Set<String> found) throws ReflectiveOperationException {
        MessageCollectionResponse first = graph.users()
                .byUserId(mailbox)
                .mailFolders()
                .byMailFolderId(folder)
                .messages()
                .get(request -> {
                    request.headers.add("Prefer", "IdType=\"ImmutableId\"");
                    request.queryParameters.top = PAGE;
                });
        new PageIterator.Builder<Message, MessageCollectionResponse>()
                .client(graph)
                .collectionPage(first)
                .collectionPageFactory(MessageCollectionResponse::createFromDiscriminatorValue)
                .requestConfigurator(request -> {
                    request.headers.add("Prefer", "IdType=\"ImmutableId\"");
                    return request;
                })
                .processPageItemCallback(mail -> {
                    found.add(mail.getId());
                    return true;
                })
                .build()
                .iterate();
    }

    /** The standard calendar: single events and series, and of the latter their occurrences as far as anybody plans. */
    private void events(UserItemRequestBuilder owner, Set<String> found) throws ReflectiveOperationException {
        events(owner.events().get(request -> request.queryParameters.top = PAGE), found);
        events(
                owner.calendarView().get(request -> {
                    request.queryParameters.startDateTime = viewBegin;
                    request.queryParameters.endDateTime = viewEnd;
                    request.queryParameters.top = PAGE;
                }),
                found);
    }

    private void events(CalendarItemRequestBuilder calendar, Set<String> found) throws ReflectiveOperationException {
        events(calendar.events().get(request -> request.queryParameters.top = PAGE), found);
        events(
                calendar.calendarView().get(request -> {
                    request.queryParameters.startDateTime = viewBegin;
                    request.queryParameters.endDateTime = viewEnd;
                    request.queryParameters.top = PAGE;
                }),
                found);
    }

    private void events(EventCollectionResponse first, Set<String> found) throws ReflectiveOperationException {
        new PageIterator.Builder<Event, EventCollectionResponse>()
                .client(graph)
                .collectionPage(first)
                .collectionPageFactory(EventCollectionResponse::createFromDiscriminatorValue)
                .processPageItemCallback(event -> {
                    found.add(event.getId());
                    return true;
                })
                .build()
                .iterate();
    }

    private void messages(ChatMessageCollectionResponse first, Set<String> found) throws ReflectiveOperationException {
        new PageIterator.Builder<ChatMessage, ChatMessageCollectionResponse>()
                .client(graph)
                .collectionPage(first)
                .collectionPageFactory(ChatMessageCollectionResponse::createFromDiscriminatorValue)
                .processPageItemCallback(message -> {
                    if (message.getDeletedDateTime() == null) {
                        found.add(message.getId());
                    }
                    return true;
                })
                .build()
                .iterate();
    }
}
