package org.m365connector.bench;

import com.microsoft.graph.core.tasks.PageIterator;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.MessageCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.util.LinkedHashMap;
import java.util.Map;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.LocalException;

/** What is in a mail folder, by a full listing with Microsoft's own client, past all of ours. */
final class LedgerListing {

    private static final int PAGE = 100;

    private final GraphServiceClient graph;

    LedgerListing(String emulatorUrl) {
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

    /** Subject by immutable id. */
    Map<String, String> mails(String mailbox, String folder) {
        Map<String, String> found = new LinkedHashMap<>();
        try {
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
                        found.put(mail.getId(), mail.getSubject());
                        return true;
                    })
                    .build()
                    .iterate();
        } catch (ReflectiveOperationException e) {
            throw new LocalException("The listing of " + mailbox + " broke off: " + e, e);
        }
        return found;
    }
}
