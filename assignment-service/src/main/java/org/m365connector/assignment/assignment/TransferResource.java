package org.m365connector.assignment.assignment;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.AdminCall;
import org.m365connector.assignment.history.Actors;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.Problems;

/** Assignments in one go: from a file, and into one. */
@Path("/api/portals/{portal}/registrations/{registration}/assignments")
@Tag(name = "Assignments")
class TransferResource {
    private static final String CSV = "text/csv";

    private final AssignmentImport assignmentImport;
    private final AssignmentExport export;
    private final AssignmentService assignments;
    private final Imports imports;
    private final KnownRegistrations knownRegistrations;
    private final Actors actors;
    private final TransferPlaces places;

    TransferResource(
            AssignmentImport assignmentImport,
            AssignmentExport export,
            AssignmentService assignments,
            Imports imports,
            KnownRegistrations knownRegistrations,
            Actors actors,
            TransferPlaces places) {
        this.assignmentImport = assignmentImport;
        this.export = export;
        this.assignments = assignments;
        this.imports = imports;
        this.knownRegistrations = knownRegistrations;
        this.actors = actors;
        this.places = places;
    }

    @POST
    @Path("import")
    @AdminCall
    @Consumes(CSV)
    @Operation(
            summary = "Take in a CSV file of assignments, all or nothing",
            description =
                    "The first line names the columns: kind, id, accounts (with blanks between them), default. UTF-8 or"
                            + " Windows-1252; comma, semicolon or tab between the cells. mode=replace removes what the file"
                            + " does not have; force=true lets it remove the last assignment of the service account. dryRun=true"
                            + " only says what would happen. reason, or the header X-M365-Reason, says why, for the history.")
    public ImportResult importCsv(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @QueryParam("mode") @DefaultValue("merge") ImportMode mode,
            @QueryParam("dryRun") boolean dryRun,
            @QueryParam("force") boolean force,
            @QueryParam("reason") String reason,
            @Context HttpHeaders headers,
            InputStream file)
            throws InterruptedException {
        return take(portal, registration, ImportFormat.CSV, mode, dryRun, force, reason, headers, file);
    }

    @POST
    @Path("import")
    @AdminCall
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Take in a JSON array of assignments, each as a POST takes it, all or nothing")
    public ImportResult importJson(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @QueryParam("mode") @DefaultValue("merge") ImportMode mode,
            @QueryParam("dryRun") boolean dryRun,
            @QueryParam("force") boolean force,
            @QueryParam("reason") String reason,
            @Context HttpHeaders headers,
            InputStream file)
            throws InterruptedException {
        return take(portal, registration, ImportFormat.JSON, mode, dryRun, force, reason, headers, file);
    }

    private ImportResult take(
            PortalId portal,
            RegistrationName registration,
            ImportFormat format,
            ImportMode mode,
            boolean dryRun,
            boolean force,
            String reason,
            HttpHeaders headers,
            InputStream file)
            throws InterruptedException {
        var cause = actors.cause(headers, Optional.ofNullable(reason));
        knownRegistrations.await(portal, registration);
        var order = new AssignmentImport.Order(
                UUID.randomUUID(), portal, registration, format, mode == ImportMode.REPLACE, dryRun, force, cause);
        var language = Problems.language(headers.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE));
        return places.during(() -> assignmentImport.run(order, file, language));
    }

    @GET
    @Path("imports")
    @AdminCall
    @Operation(summary = "The last imports, the latest first, and how far those that run have come")
    public List<ImportView> imports(
            @PathParam("portal") PortalId portal, @PathParam("registration") RegistrationName registration) {
        return imports.of(portal, registration);
    }

    @GET
    @Path("export")
    @AdminCall
    @Produces(CSV)
    @Operation(summary = "All assignments as CSV; an import with mode=replace restores exactly this state")
    public Response exportCsv(
            @PathParam("portal") PortalId portal, @PathParam("registration") RegistrationName registration) {
        return export(portal, registration, ImportFormat.CSV, CSV + ";charset=UTF-8", "csv");
    }

    @GET
    @Path("export")
    @AdminCall
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "All assignments as a JSON array; an import with mode=replace restores exactly this state")
    public Response exportJson(
            @PathParam("portal") PortalId portal, @PathParam("registration") RegistrationName registration) {
        return export(portal, registration, ImportFormat.JSON, MediaType.APPLICATION_JSON, "json");
    }

    private Response export(
            PortalId portal, RegistrationName registration, ImportFormat format, String type, String suffix) {
        assignments.requireKnown(portal, registration);
        var file = places.during(() -> export.file(portal, registration, format));
        StreamingOutput written = out -> {
            try (file) {
                file.in().transferTo(out);
            }
        };
        return Response.ok(written)
                .type(type)
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"assignments-" + portal + "-" + registration + "." + suffix + "\"")
                .build();
    }
}
