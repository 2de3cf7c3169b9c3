package org.m365connector.sync.graph;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * On whose behalf Graph is called. graph-proxy-service decides whether that is allowed.
 *
 * @param portalUser empty where an account acts by itself, which only the suite's own services may ask for
 * @param account empty for the portal user's default account
 * @param person whose mailbox is meant, by the name under which it was asked for, where addresses have his object id: an
 *     assignment may name the mailboxes that its account reaches
 */
public record Acting(
        PortalId portal,
        RegistrationName registration,
        Optional<PortalUser> portalUser,
        Optional<AccountName> account,
        Optional<String> person) {

    public Acting(
            PortalId portal,
            RegistrationName registration,
            Optional<PortalUser> portalUser,
            Optional<AccountName> account) {
        this(portal, registration, portalUser, account, Optional.empty());
    }

    /**
     * Who Graph sees, as far as is known here: the same whose mailbox is meant, and the same for everybody on whose behalf the app
     * itself acts.
     */
    public Acting caller() {
        boolean app = account.filter(AccountName.SERVICE::equals).isPresent();
        return new Acting(portal, registration, app ? Optional.empty() : portalUser, account);
    }

    URI baseUrl(URI proxy) {
        String as = portalUser
                .map(user -> "/as/"
                        + URLEncoder.encode(user.value(), StandardCharsets.UTF_8)
                                .replace("+", "%20"))
                .orElse("");
        return URI.create(
                proxy.toString().replaceAll("/+$", "") + "/graph/" + portal + "/" + registration + as + "/v1.0");
    }
}
