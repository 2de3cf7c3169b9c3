package org.m365connector.sync.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.m365connector.capability.Operation;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;

/**
 * Body of {@code POST …/watches}.
 *
 * @param portaluser on whose behalf; his default account acts where no account is named
 * @param account the account that acts; alone, without a portal user, only {@code service} or a static account
 */
record WatchRequest(
        WatchKind kind, WatchedThing resource, Optional<PortalUser> portaluser, Optional<AccountName> account) {

    WatchRequest {
        portaluser = portaluser == null ? Optional.empty() : portaluser;
        account = account == null ? Optional.empty() : account;
    }

    void check() {
        require(kind != null, "kind is missing");
        require(resource != null, "resource is missing");
        require(portaluser.isPresent() || account.isPresent(), "neither portaluser nor account is given");
        require(
                portaluser.isPresent() || !account.get().equals(AccountName.CURRENT_USER),
                "current-user needs a portaluser");
        switch (kind) {
            case MAIL_FOLDER -> {}
            case CHANNEL ->
                require(
                        resource.teamId().isPresent() && resource.channelId().isPresent(),
                        "resource.teamId or resource.channelId is missing");
        }
    }

    /** What the watch will do at Graph, over and over. */
    Operation operation() {
        List<String> path = new ArrayList<>();
        switch (kind) {
            case MAIL_FOLDER -> {
                resource.user().ifPresentOrElse(user -> path.addAll(List.of("users", user)), () -> path.add("me"));
                path.addAll(List.of("mailfolders", resource.folder().orElse("inbox"), "messages", "delta"));
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

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ProblemException(SyncProblem.INVALID_WATCH, otherwise);
        }
    }
}
