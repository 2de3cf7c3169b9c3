package org.m365connector.auth.attention;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.problem.Problems;

/** What needs a human in a portal. */
@PortalCall
@Path("/api/portals/{portal}/attention")
public class AttentionResource {

    private final Attentions attentions;

    AttentionResource(Attentions attentions) {
        this.attentions = attentions;
    }

    /** Everything that is open, oldest first; the texts in the language that the caller accepts. */
    @GET
    public List<AttentionView> list(PortalId portal, @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String language) {
        return attentions.list(portal, Problems.language(language));
    }
}
