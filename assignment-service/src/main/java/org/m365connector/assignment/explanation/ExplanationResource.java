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
    @Operation(
            summary = "Which account would act for this portal user, and why",
            description =
                    "Without a portal user, that of processes without one is meant; 'default' asks what somebody new"
                            + " would get. 'operation' is a call to Graph, method and"
                            + " path below the version: POST /me/sendMail. Then the answer says, too, whether that account can"
                            + " make it, and what to do otherwise. Of a batch ask about each request inside, as each is judged"
                            + " by itself. Account, available and narrowing are what is obeyed at the moment, rule and"
                            + " overridden what holds by now; while a change is on its way, pending says what comes of it.")
    public Explanation explain(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @QueryParam("portalUser") String portalUser,
            @QueryParam("account") String account,
            @QueryParam("operation") String operation) {
        var user = Optional.ofNullable(portalUser)
                .map(text -> parse("portalUser", text, PortalUser::new))
                .or(() -> explanations.technicalUser(portal, registration))
                .orElseThrow(
                        () -> new ProblemException(RequestProblem.INVALID_REQUEST).with("parameter", "portalUser"));
        var named = Optional.ofNullable(account).map(name -> parse("account", name, AccountName::new));
        var asked = Optional.ofNullable(operation).map(text -> parse("operation", text, AskedOperation::parse));
        return explanations.explain(portal, registration, user, named, asked);
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
