package org.m365connector.auth.portal;

import java.util.Map;
import org.m365connector.events.PortalId;
import org.m365connector.events.Topics;

/**
 * How a portal reaches its topics.
 *
 * @param bootstrap where clients outside connect
 * @param topics by kind: {@code actions, results, changes, logins, users}
 * @param groupPrefix what its consumer groups must start with
 * @param principal the user of the ACLs that an operator makes for it
 */
record KafkaAccess(String bootstrap, Map<String, String> topics, String groupPrefix, String principal) {

    static KafkaAccess of(PortalId portal, String bootstrap) {
        return new KafkaAccess(
                bootstrap,
                Map.of(
                        "actions", Topics.actions(portal),
                        "results", Topics.results(portal),
                        "changes", Topics.changes(portal),
                        "logins", Topics.logins(portal),
                        "users", Topics.users(portal)),
                Topics.prefix(portal),
                "User:portal-" + portal);
    }
}
