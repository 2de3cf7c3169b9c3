package org.m365connector.assignment.assignment;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.AdminCall;
import org.m365connector.access.PortalCall;
import org.m365connector.assignment.history.Actors;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Assignments under a registration: an administrator changes them, the portal may read them. */
@Path("/api/portals/{portal}/registrations/{registration}/assignments")
@Tag(name = "Assignments")
class AssignmentResource {
    private static final int LARGEST_PAGE = 1000;

    private final AssignmentService assignments;
    private final KnownRegistrations knownRegistrations;
    private final KnownAccounts knownAccounts;
    private final Actors actors;

    AssignmentResource(
            AssignmentService assignments,
            KnownRegistrations knownRegistrations,
            KnownAccounts knownAccounts,
            Actors actors) {
        this.assignments = assignments;
        this.knownRegistrations = knownRegistrations;
        this.knownAccounts = knownAccounts;
        this.actors = actors;
    }

    @POST
    @AdminCall
    @Operation(summary = "Assign accounts to a principal that has none yet")
    @APIResponse(
            responseCode = "201",
            description = "Made; its address is in Location, its version in ETag",
            content = @Content(schema = @Schema(implementation = AssignmentView.class)))
    public Response create(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            AssignmentRequest request,
            @Context HttpHeaders headers)
            throws InterruptedException {
        var body = present(request);
        var principal = body.toPrincipal();
        var accounts = body.toAccounts();
        var cause = actors.cause(headers, Optional.ofNullable(body.reason()));
        knownRegistrations.await(portal, registration);
        var warnings = knownAccounts.require(portal, registration, accounts.names());
        var made = warned(assignments.create(portal, registration, principal, accounts, cause), warnings);
        return tagged(
                Response.created(URI.create(
                        "/api/portals/" + portal + "/registrations/" + registration + "/assignments/" + made.id())),
                made);
    }

    @GET
    @PortalCall
    @Operation(summary = "The assignments, page by page")
    public AssignmentPage list(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @Parameter(description = "user, group, role or default") @QueryParam("kind") String kind,
            @Parameter(description = "id of the user, group or role") @QueryParam("principal") String principal,
            @Parameter(description = "those that this account is among") @QueryParam("account") String account,
            @QueryParam("after") UUID after,
            @QueryParam("limit") @DefaultValue("100") int limit)
            throws InterruptedException {
        if (limit < 1) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("parameter", "limit");
        }
        knownRegistrations.await(portal, registration);
        return assignments.list(
                portal,
                registration,
                new Assignments.Filter(
                        Optional.ofNullable(kind).map(AssignmentResource::kind),
                        Optional.ofNullable(principal),
                        Optional.ofNullable(account).map(AssignmentResource::account)),
                Optional.ofNullable(after),
                Math.min(limit, LARGEST_PAGE));
    }

    @GET
    @Path("{id}")
    @PortalCall
    @Operation(summary = "One assignment; its version is the ETag")
    @APIResponse(
            responseCode = "200",
            description = "The assignment",
            content = @Content(schema = @Schema(implementation = AssignmentView.class)))
    public Response get(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @PathParam("id") UUID id) {
        return tagged(Response.ok(), assignments.get(portal, registration, id));
    }

    @PUT
    @Path("{id}")
    @AdminCall
    @Operation(
            summary = "Replace the accounts of an assignment; needs If-Match",
            description =
                    "Without narrowing each account stays as narrow as it is. The service account is taken from the last"
                            + " who has it only with force=true.")
    @APIResponse(
            responseCode = "200",
            description = "The assignment as it is now",
            content = @Content(schema = @Schema(implementation = AssignmentView.class)))
    public Response change(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @QueryParam("force") boolean isForced,
            AssignmentRequest request,
            @Context HttpHeaders headers)
            throws InterruptedException {
        var precondition = new Precondition(ifMatch);
        var body = present(request);
        var change = new AssignmentService.Change(
                Optional.ofNullable(body.principal()).map(sent -> body.toPrincipal()),
                body.toAccounts(),
                body.leavesNarrowing(),
                isForced);
        var cause = actors.cause(headers, Optional.ofNullable(body.reason()));
        var warnings =
                knownAccounts.require(portal, registration, change.accounts().names());
        return tagged(
                Response.ok(),
                warned(assignments.change(portal, registration, id, precondition, change, cause), warnings));
    }

    @DELETE
    @Path("{id}")
    @AdminCall
    @Operation(
            summary = "Remove an assignment; needs If-Match",
            description =
                    "The last one with the service account only with force=true. X-M365-Reason says why, for the history.")
    public void remove(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            @QueryParam("force") boolean isForced,
            @Context HttpHeaders headers) {
        assignments.remove(
                portal, registration, id, new Precondition(ifMatch), isForced, actors.cause(headers, Optional.empty()));
    }

    private static AssignmentRequest present(AssignmentRequest request) {
        if (request == null) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST);
        }
        return request;
    }

    private static AssignmentView warned(AssignmentView changed, List<Warning> warnings) {
        return changed.with(
                Stream.concat(warnings.stream(), changed.warnings().stream()).toList(), changed.progress());
    }

    private static AccountName account(String text) {
        try {
            return new AccountName(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST)
                    .with("parameter", "account")
                    .causedBy(e);
        }
    }

    private static Principal.Kind kind(String text) {
        return new AssignmentRequest.PrincipalRequest(text, null).toKind();
    }

    private static Response tagged(Response.ResponseBuilder response, AssignmentView assignment) {
        return response.header(HttpHeaders.ETAG, Precondition.etag(assignment.version()))
                .entity(assignment)
                .build();
    }
}
