package org.m365connector.sync.round;

import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.watch.Container;

/**
 * Where a container itself is, asked for by its id. That its delta is not found may be the link's fault, or that of a moment; and
 * what is not found with its mailbox says nothing about itself.
 */
enum Whereabouts {
    THERE,
    NOT_FOUND,
    /** No answer, none about this, or nothing of the kind that can go alone. */
    UNKNOWN;

    private static final int FOUND_NOTHING = 404;

    /** What Graph says where it knows of no reason itself. */
    private static final Set<String> OF_NOTHING = Set.of("unknownerror", "generalexception");

    /** Whose codes speak of a person, or of the whole mailbox. */
    private static final Set<String> OF_ITS_OWNER = Set.of(
            "mailboxnotenabledforrestapi",
            "mailboxnotsupportedforrestapi",
            "errorinvaliduser",
            "errornonexistentmailbox",
            "resourcenotfound",
            "request_resourcenotfound");

    /** Whether Graph itself says so, with a code that says what: a bare 404 may be a gateway's. */
    static boolean isNotFound(GraphFailure failure) {
        return failure instanceof GraphFailure.Refused refused
                && refused.status() == FOUND_NOTHING
                && !refused.code().isEmpty()
                && !OF_NOTHING.contains(refused.code().toLowerCase(Locale.ROOT))
                && !OF_ITS_OWNER.contains(refused.code().toLowerCase(Locale.ROOT));
    }

    /** Whether it is not found, and nobody says of what: a gateway, or Graph where it knows of no reason. */
    static boolean isNobodys(GraphFailure failure) {
        return failure instanceof GraphFailure.Refused refused
                && refused.status() == FOUND_NOTHING
                && (refused.code().isEmpty()
                        || OF_NOTHING.contains(refused.code().toLowerCase(Locale.ROOT)));
    }

    /** Whether it is not found, and that is said of somebody or of his mailbox, or by nobody in particular. */
    static boolean isOfItsOwner(GraphFailure failure) {
        return failure instanceof GraphFailure.Refused refused
                && refused.status() == FOUND_NOTHING
                && !isNotFound(failure);
    }

    /**
     * Asks Graph.
     *
     * @throws GraphException where it wants to be left in peace
     */
    static Whereabouts of(Container container, GraphServiceClient client) {
        try {
            return question(container, client)
                    .map(question -> {
                        question.run();
                        return THERE;
                    })
                    .orElse(UNKNOWN);
        } catch (GraphException e) {
            if (isNotFound(e.failure())) {
                return NOT_FOUND;
            }
            if (e.failure().throttled()) {
                throw e;
            }
            boolean refused = e.failure() instanceof GraphFailure.Refused answer
                    && answer.status() != FOUND_NOTHING
                    && !answer.retryable();
            return refused ? THERE : UNKNOWN;
        }
    }

    private static Optional<Runnable> question(Container container, GraphServiceClient client) {
        String[] path = container.path().split("/", -1);
        return switch (container.kind()) {
            case MAIL_FOLDER ->
                Optional.of(() -> client.users()
                        .byUserId(path[1])
                        .mailFolders()
                        .byMailFolderId(path[3])
                        .get());
            // Everybody's standard ones cannot be deleted.
            case CALENDAR ->
                path.length > 3
                        ? Optional.of(() -> client.users()
                                .byUserId(path[1])
                                .calendars()
                                .byCalendarId(path[3])
                                .get())
                        : Optional.empty();
            case CONTACTS ->
                path.length > 3
                        ? Optional.of(() -> client.users()
                                .byUserId(path[1])
                                .contactFolders()
                                .byContactFolderId(path[3])
                                .get())
                        : Optional.empty();
            // Somebody's own is not found either where he has no licence.
            case DRIVE ->
                path[0].equals("drives") ? Optional.of(() -> askForDrive(container, client)) : Optional.empty();
            case TEAM -> Optional.of(() -> client.teams().byTeamId(path[1]).get());
            case CHANNEL ->
                Optional.of(() -> client.teams()
                        .byTeamId(path[1])
                        .channels()
                        .byChannelId(path[3])
                        .get());
            // A mailbox and the chats of somebody go with him; a chat is a part only.
            case MAILBOX, CHATS, CHAT -> Optional.empty();
        };
    }

    /** As it is called: whose it is can be judged by that alone. */
    private static void askForDrive(Container container, GraphServiceClient client) {
        client.drives()
                .byDriveId("drive")
                .withUrl(GraphAccess.absolute(client, "/" + container.path()))
                .get();
    }
}
