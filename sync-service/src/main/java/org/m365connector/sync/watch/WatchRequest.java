package org.m365connector.sync.watch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.m365connector.capability.Operation;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;

/**
 * Body of {@code POST …/watches}, and what an action {@code watch-request.v1} asks for.
 *
 * @param portaluser on whose behalf; his default account acts where no account is named
 * @param account the account that acts; alone, without a portal user, only {@code service} or a static account
 * @param filter of mails: see {@link MailFilter}
 * @param content whether changes hold what people wrote; of mails and messages only
 * @param includeOwn whether what the portal's own actions have made is told too
 * @param richNotifications whether Graph's notifications shall carry content, encrypted: changes then arrive without a call
 */
public record WatchRequest(
        WatchKind kind,
        WatchedThing resource,
        Optional<PortalUser> portaluser,
        Optional<AccountName> account,
        Optional<JsonNode> filter,
        boolean content,
        boolean includeOwn,
        boolean richNotifications) {

    public WatchRequest {
        portaluser = portaluser == null ? Optional.empty() : portaluser;
        account = account == null ? Optional.empty() : account;
        filter = filter == null ? Optional.empty() : filter.filter(given -> !given.isNull());
    }

    /** @throws ProblemException {@code invalid-watch} with a reason that names the member */
    public void check() {
        checkContainer();
        require(portaluser.isPresent() || account.isPresent(), "neither portaluser nor account is given");
        require(
                portaluser.isPresent() || !account.get().equals(AccountName.CURRENT_USER),
                "current-user needs a portaluser");
    }

    /** The same without for whom it is. */
    public void checkContainer() {
        require(kind != null, "kind is missing");
        require(resource != null, "resource is missing");
        require(resource.member().isEmpty(), "resource.member is nothing to ask for");
        require(!richNotifications || kind.hasRichNotifications(), "richNotifications are not possible for this kind");
        require(!content || kind.hasContent(), "content is not told for this kind");
        require(resource.calendar().isEmpty() || kind == WatchKind.CALENDAR, "resource.calendar is for calendars only");
        require(resource.calendar().filter(String::isBlank).isEmpty(), "resource.calendar is empty");
        require(filter.isEmpty() || kind.hasMails(), "filter is for mails only");
        try {
            filter.ifPresent(MailFilter::of);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(SyncProblem.INVALID_WATCH, e.getMessage()).causedBy(e);
        }
        switch (kind) {
            case MAIL_FOLDER, MAILBOX, CONTACTS, CALENDAR, CHATS -> {}
            case DRIVE ->
                require(
                        resource.user().isEmpty() || resource.driveId().isEmpty(),
                        "resource.user and resource.driveId are given, and only one may be");
            case CHANNEL ->
                require(
                        resource.teamId().isPresent() && resource.channelId().isPresent(),
                        "resource.teamId or resource.channelId is missing");
            case TEAM -> require(resource.teamId().isPresent(), "resource.teamId is missing");
            case CHAT -> throw new ProblemException(SyncProblem.INVALID_WATCH, "a chat is watched by a member's chats");
        }
    }

    /** The same on behalf of that portal user, by that account or his default one. */
    public WatchRequest onBehalfOf(PortalUser user, Optional<AccountName> acting) {
        return new WatchRequest(
                kind, resource, Optional.of(user), acting, filter, content, includeOwn, richNotifications);
    }

    /** What the watch will do at Graph, over and over. */
    public Operation operation() {
        List<String> path = new ArrayList<>();
        switch (kind) {
            case MAIL_FOLDER -> {
                addUser(path);
                path.addAll(List.of("mailfolders", resource.folder().orElse("inbox"), "messages", "delta"));
            }
            case MAILBOX -> {
                addUser(path);
                path.addAll(List.of("mailfolders", "delta"));
            }
            case CONTACTS -> {
                addUser(path);
                resource.folder().ifPresent(folder -> path.addAll(List.of("contactfolders", folder)));
                path.addAll(List.of("contacts", "delta"));
            }
            case DRIVE -> {
                resource.driveId().ifPresentOrElse(drive -> path.addAll(List.of("drives", drive)), () -> {
                    addUser(path);
                    path.add("drive");
                });
                path.addAll(List.of("root", "delta"));
            }
            case CALENDAR -> {
                addUser(path);
                resource.calendar().ifPresent(calendar -> path.addAll(List.of("calendars", calendar)));
                path.addAll(List.of("calendarview", "delta"));
            }
            case TEAM -> path.addAll(List.of("teams", resource.teamId().orElseThrow(), "channels"));
            case CHATS, CHAT -> {
                addUser(path);
                path.add("chats");
            }
            case CHANNEL ->
                path.addAll(List.of(
                        "teams",
                        resource.teamId().orElseThrow(),
                        "channels",
                        resource.channelId().orElseThrow(),
                        "messages",
                        "delta"));
        }
        return new Operation("GET", path);
    }

    private void addUser(List<String> path) {
        resource.user().ifPresentOrElse(user -> path.addAll(List.of("users", user)), () -> path.add("me"));
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ProblemException(SyncProblem.INVALID_WATCH, otherwise);
        }
    }
}
