package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.microsoft.graph.core.tasks.PageIterator;
import com.microsoft.graph.models.BodyType;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.ItemBody;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.MessageCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.mailfolders.item.messages.delta.DeltaGetResponse;
import com.microsoft.graph.users.item.mailfolders.item.messages.delta.DeltaRequestBuilder;
import com.microsoft.kiota.ApiException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Seed;
import org.m365connector.view.Views;

/** With tokens that the emulator issued, at the emulator's Graph, also through Microsoft's own client. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class EmulatorIT {

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;

    @BeforeEach
    void onboard() throws Exception {
        world.emulator().reset();
        EntraLogin entra = new EntraLogin(world.emulatorBase());
        portal = TestPortal.with(world, views, world.emulatorBase())
                .assign("ADA", "current-user*", "service")
                .assign("BEN", "current-user*")
                .token("user:ADA", entra.of(Seed.ADA))
                .token("user:BEN", entra.of(Seed.BEN))
                .token("service", entra.ofTheApp());
    }

    @Test
    void everybodyIsWhoHeIs() throws Exception {
        assertThat(get("ADA", "/v1.0/me").getString("userPrincipalName")).isEqualTo(Seed.ADA);
        assertThat(get("BEN", "/v1.0/me").getString("userPrincipalName")).isEqualTo(Seed.BEN);
    }

    @Test
    void appReadsAMailboxWithoutAPerson() throws Exception {
        receiveMail("ben@contoso.example", 1);

        HttpResponse<String> answer = send(portal.request("ADA", "/v1.0/users/" + Seed.BEN_OID + "/messages")
                .header("X-M365-Account", "service"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getJsonArray("value")).isNotEmpty();
    }

    @Test
    void nextPageIsReachedByItsLink() throws Exception {
        receiveMail("ben@contoso.example", 5);

        JsonObject first = get("BEN", "/v1.0/me/messages?$top=2");
        String next = first.getString("@odata.nextLink");
        HttpResponse<String> second = send(HttpRequest.newBuilder(URI.create(next))
                .header("X-API-Key", portal.key())
                .header("X-Portal-User", "BEN"));

        assertThat(next).startsWith(world.proxyBase() + portal.path("/v1.0/me/messages?"));
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(second.body()).getJsonArray("value")).hasSize(2);
    }

    @Test
    void microsoftsClientPagesThroughAMailbox() throws Exception {
        receiveMail("ben@contoso.example", 25);
        GraphServiceClient graph = client("BEN");

        MessageCollectionResponse first = graph.me().messages().get(request -> request.queryParameters.top = 10);
        List<String> ids = new ArrayList<>();
        PageIterator<Message, MessageCollectionResponse> pages = new PageIterator.Builder<
                        Message, MessageCollectionResponse>()
                .client(graph)
                .collectionPage(first)
                .collectionPageFactory(MessageCollectionResponse::createFromDiscriminatorValue)
                .processPageItemCallback(message -> ids.add(message.getId()))
                .build();
        pages.iterate();

        assertThat(first.getOdataNextLink()).startsWith(world.proxyBase());
        assertThat(ids).hasSizeGreaterThanOrEqualTo(25).doesNotHaveDuplicates();
    }

    @Test
    void microsoftsClientPostsUnderThePersonsNameAndReadsErrorsOfBothKinds() {
        GraphServiceClient graph = client("BEN");

        ChatMessage posted = graph.teams()
                .byTeamId(Seed.TEAM_ID)
                .channels()
                .byChannelId(Seed.GENERAL_ID)
                .messages()
                .post(message("hello"));
        ApiException graphs = catchThrowableOfType(
                ApiException.class,
                () -> graph.me().messages().byMessageId("AAMkNone=").get());
        ApiException ours = catchThrowableOfType(
                ApiException.class, () -> client("EVE").me().get());

        assertThat(posted.getFrom().getUser().getId()).isEqualTo(Seed.BEN_OID);
        assertThat(graphs.getResponseStatusCode()).isEqualTo(400);
        assertThat(graphs).hasMessageContaining("Id is malformed");
        assertThat(graphs.getResponseHeaders().containsKey("X-M365-Problem")).isFalse();
        assertThat(ours.getResponseStatusCode()).isEqualTo(404);
        assertThat(ours).hasMessageContaining("The portal has not told us of this user");
        assertThat(ours.getResponseHeaders().get("X-M365-Problem")).contains("portal-user-unknown");
    }

    @Test
    void appThatWantsToPostIsRefusedBeforeGraphHearsOfIt() throws Exception {
        long before = graphRequests();

        HttpResponse<String> answer =
                send(portal.request("ADA", "/v1.0/teams/" + Seed.TEAM_ID + "/channels/" + Seed.GENERAL_ID + "/messages")
                        .header("X-M365-Account", "service")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"body\":{\"content\":\"hello\"}}")));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("app-only-not-supported");
        assertThat(graphRequests()).isEqualTo(before);
    }

    @Test
    void deltaLinkOpensTheNextRound() throws Exception {
        receiveMail("ben@contoso.example", 2);
        JsonObject round = get("BEN", "/v1.0/me/mailFolders/inbox/messages/delta");
        while (round.containsKey("@odata.nextLink")) {
            round = follow(round.getString("@odata.nextLink"));
        }
        receiveMail("ben@contoso.example", 1);

        assertThat(round.getString("@odata.deltaLink")).startsWith(world.proxyBase());
        assertThat(follow(round.getString("@odata.deltaLink")).getJsonArray("value"))
                .hasSize(1);
    }

    @Test
    void microsoftsClientFollowsARoundToItsEndAndTheNextOneByItsLink() throws Exception {
        receiveMail("ben@contoso.example", 7);
        DeltaRequestBuilder delta = client("BEN")
                .me()
                .mailFolders()
                .byMailFolderId("inbox")
                .messages()
                .delta();
        List<String> links = new ArrayList<>();
        List<String> ids = new ArrayList<>();

        DeltaGetResponse page = delta.get(request -> request.headers.add("Prefer", "odata.maxpagesize=2"));
        ids.addAll(ids(page));
        while (page.getOdataNextLink() != null) {
            links.add(page.getOdataNextLink());
            page = delta.withUrl(page.getOdataNextLink())
                    .get(request -> request.headers.add("Prefer", "odata.maxpagesize=2"));
            ids.addAll(ids(page));
        }
        links.add(page.getOdataDeltaLink());
        receiveMail("ben@contoso.example", 1);
        DeltaGetResponse next = delta.withUrl(page.getOdataDeltaLink()).get();

        assertThat(links).hasSizeGreaterThan(3).allSatisfy(link -> assertThat(link)
                .startsWith(world.proxyBase() + portal.path("/as/BEN/v1.0/me/mailFolders")));
        assertThat(ids).hasSizeGreaterThanOrEqualTo(7).doesNotHaveDuplicates();
        assertThat(next.getValue()).hasSize(1);
        assertThat(ids).doesNotContainAnyElementsOf(ids(next));
        assertThat(next.getOdataDeltaLink()).startsWith(world.proxyBase()).isNotEqualTo(page.getOdataDeltaLink());
    }

    private static List<String> ids(DeltaGetResponse page) {
        return page.getValue().stream().map(Message::getId).toList();
    }

    private JsonObject follow(String link) throws Exception {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(link))
                .header("X-API-Key", portal.key())
                .header("X-Portal-User", "BEN"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    /** Microsoft's client as it comes; only where it goes and with which key is said. */
    private GraphServiceClient client(String portalUser) {
        GraphServiceClient client = new GraphServiceClient(
                (request, context) -> request.headers.add("Authorization", "Bearer " + portal.key()));
        client.getRequestAdapter().setBaseUrl(world.proxyBase() + portal.path("/as/" + portalUser + "/v1.0"));
        return client;
    }

    private static ChatMessage message(String text) {
        ItemBody body = new ItemBody();
        body.setContentType(BodyType.Text);
        body.setContent(text);
        ChatMessage message = new ChatMessage();
        message.setBody(body);
        return message;
    }

    private JsonObject get(String user, String target) throws Exception {
        HttpResponse<String> answer = send(portal.request(user, target));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private void receiveMail(String mailbox, int count) throws Exception {
        JsonObject activity = new JsonObject()
                .put("kind", "mail")
                .put("op", "create")
                .put("mailbox", mailbox)
                .put("subject", "Hi")
                .put("from", "clara@contoso.example")
                .put("count", count);
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(world.emulatorBase() + "/_emulator/activity"))
                        .POST(BodyPublishers.ofString(activity.encode())));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private long graphRequests() throws Exception {
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(world.emulatorBase() + "/_emulator/requests")));
        JsonArray requests = new JsonObject(answer.body()).getJsonArray("requests");
        return requests.stream()
                .map(JsonObject.class::cast)
                .filter(request -> request.getString("path").startsWith("/v1.0/"))
                .count();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
