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
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.AdminCall;
import org.m365connector.access.PortalCall;
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

    AssignmentResource(
            AssignmentService assignments, KnownRegistrations knownRegistrations, KnownAccounts knownAccounts) {
        this.assignments = assignments;
        this.knownRegistrations = knownRegistrations;
        this.knownAccounts = knownAccounts;
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
            AssignmentRequest request)
            throws InterruptedException {
        var body = present(request);
        var principal = body.toPrincipal();
        var accounts = body.toAccounts();
        knownRegistrations.await(portal, registration);
        knownAccounts.require(portal, registration, accounts.names());
        var made = assignments.create(portal, registration, principal, accounts);
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
            @QueryParam("kind") String kind,
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
                Optional.ofNullable(kind).map(AssignmentResource::kind),
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
    @Operation(summary = "Replace the accounts of an assignment; needs If-Match")
    @APIResponse(
            responseCode = "200",
            description = "The assignment as it is now",
            content = @Content(schema = @Schema(implementation = AssignmentView.class)))
    public Response change(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch,
            AssignmentRequest request)
            throws InterruptedException {
        var precondition = new Precondition(ifMatch);
        var body = present(request);
        var principal = Optional.ofNullable(body.principal()).map(sent -> body.toPrincipal());
        var accounts = body.toAccounts();
        knownAccounts.require(portal, registration, accounts.names());
        return tagged(Response.ok(), assignments.change(portal, registration, id, precondition, principal, accounts));
    }

    @DELETE
    @Path("{id}")
    @AdminCall
    @Operation(summary = "Remove an assignment; needs If-Match")
    public void remove(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @PathParam("id") UUID id,
            @HeaderParam(HttpHeaders.IF_MATCH) String ifMatch) {
        assignments.remove(portal, registration, id, new Precondition(ifMatch));
    }

    private static AssignmentRequest present(AssignmentRequest request) {
        if (request == null) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST);
        }
        return request;
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
