package org.m365connector.auth.setup;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.m365connector.access.AdminCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * The setup guide. The page is the same for everybody and holds nothing: it asks for the administrator's key, keeps it in memory,
 * and fetches the guide with it, since a browser cannot be made to send a key with an address.
 */
@Path("/api/portals/{portal}/registrations/{registration}/setup")
public class SetupResource {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final SetupService service;

    SetupResource(SetupService service) {
        this.service = service;
    }

    @CheckedTemplate(basePath = "setup")
    static class Templates {

        private Templates() {}

        static native TemplateInstance page(SetupTexts texts, String lang);
    }

    @GET
    @AdminCall
    @Produces(MediaType.APPLICATION_JSON)
    public Response guide(
            PortalId portal,
            RegistrationName registration,
            @QueryParam("lang") Optional<String> lang,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String languages) {
        SetupTexts texts = SetupTexts.preferred(lang.orElse(languages));
        return Response.ok(service.guide(portal, registration, texts))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Accept, Accept-Language")
                .build();
    }

    /** Without key: there is nothing on it that is not in the source code. */
    @GET
    @Operation(hidden = true)
    @Produces(MediaType.TEXT_HTML)
    public Response page(
            @QueryParam("lang") Optional<String> lang, @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String languages) {
        SetupTexts texts = SetupTexts.preferred(lang.orElse(languages));
        return Response.ok(Templates.page(texts, texts.language()).render(), MediaType.TEXT_HTML + ";charset=UTF-8")
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Accept, Accept-Language")
                .header("Content-Security-Policy", POLICY)
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .build();
    }

    @GET
    @Path("m365-setup.js")
    @Operation(hidden = true)
    public Response script() {
        return file("setup-files/m365-setup.js", "text/javascript;charset=UTF-8");
    }

    @GET
    @Path("m365-setup.css")
    @Operation(hidden = true)
    public Response style() {
        return file("setup-files/m365-setup.css", "text/css;charset=UTF-8");
    }

    private static Response file(String name, String type) {
        try (InputStream in = SetupResource.class.getClassLoader().getResourceAsStream(name)) {
            return Response.ok(in.readAllBytes(), type)
                    .header(HttpHeaders.CACHE_CONTROL, "public, max-age=600")
                    .header("X-Content-Type-Options", "nosniff")
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
