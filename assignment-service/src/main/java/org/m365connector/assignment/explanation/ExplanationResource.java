package org.m365connector.assignment.explanation;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

@Path("/api/portals/{portal}/registrations/{registration}/explain")
@Tag(name = "Explanation")
class ExplanationResource {
    private final ExplanationService explanations;

    ExplanationResource(ExplanationService explanations) {
        this.explanations = explanations;
    }

    @GET
    @PortalCall
    @Operation(summary = "Which account would act for this portal user, and why")
    public Explanation explain(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @QueryParam("portalUser") String portalUser,
            @QueryParam("account") String account) {
        var user = parse("portalUser", portalUser, PortalUser::new);
        var named = Optional.ofNullable(account).map(name -> parse("account", name, AccountName::new));
        return explanations.explain(portal, registration, user, named);
    }

    private static <T> T parse(String parameter, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST)
                    .with("parameter", parameter)
                    .causedBy(e);
        }
    }
}
