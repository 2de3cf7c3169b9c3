package org.m365connector.events;

import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.List;
import java.util.Optional;

/**
 * On {@code m365.audit}, key the portal: somebody called Graph, or wanted to. Says who, as whom, what kind of call and how it
 * ended; nothing of what was in it, no id of a resource and no query.
 *
 * @param portalUser empty where a service acted for the portal itself
 * @param account as which; empty where the call was refused before that was known
 * @param assignments version of the record on {@code m365.assignments} that was obeyed; empty where none was, or none was reached
 * @param rule which of his assignments that record obeys; empty where the record does not say, or none was reached
 * @param operation {@code GET /me/messages/{id}}
 * @param inside the operations of a batch
 * @param outcome {@code answered}, {@code refused} (by us, before Graph), {@code failed}, {@code abandoned} (by the caller)
 * @param detail class of Graph's status, or the slug of our problem
 * @param status that the caller got; 0 if none
 * @param requestId Graph's own
 */
@JsonSerialize(using = GraphCalledJson.class)
public record GraphCalled(
        PortalId portalId,
        RegistrationName registration,
        Optional<PortalUser> portalUser,
        Optional<AccountId> account,
        Optional<Long> assignments,
        Optional<DecidingRule> rule,
        String operation,
        List<String> inside,
        String outcome,
        String detail,
        int status,
        long bytesIn,
        long bytesOut,
        long durationMillis,
        Optional<String> requestId,
        Optional<String> clientRequestId) {

    public static final String TYPE = "graph-called.v1";

    public GraphCalled {
        portalUser = portalUser == null ? Optional.empty() : portalUser;
        account = account == null ? Optional.empty() : account;
        assignments = assignments == null ? Optional.empty() : assignments;
        rule = rule == null ? Optional.empty() : rule;
        inside = inside == null ? List.of() : List.copyOf(inside);
        requestId = requestId == null ? Optional.empty() : requestId;
        clientRequestId = clientRequestId == null ? Optional.empty() : clientRequestId;
    }
}
