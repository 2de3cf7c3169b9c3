package org.m365connector.auth.setup;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.m365connector.access.AdminCall;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.auth.registration.RegistrationOutlines;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** The permission planner. */
@AdminCall
@Path("/api/portals/{portal}/registrations/{registration}/permissions")
public class PermissionResource {

    private final RegistrationOutlines registrations;
    private final ConsentLinks consent;

    PermissionResource(RegistrationOutlines registrations, ConsentLinks consent) {
        this.registrations = registrations;
        this.consent = consent;
    }

    /** @param features slugs, separated by commas; the registration's own where missing */
    @GET
    public PermissionPlan plan(
            PortalId portal,
            RegistrationName registration,
            @QueryParam("features") Optional<String> features,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String languages) {
        RegistrationOutline outline = registrations.get(portal, registration);
        List<Feature> wanted = features.filter(text -> !text.isBlank())
                .map(PermissionResource::parse)
                .orElseGet(outline::features);
        return PermissionPlan.of(outline, wanted, consent.of(outline), SetupTexts.preferred(languages));
    }

    private static List<Feature> parse(String slugs) {
        return Arrays.stream(slugs.split(",", -1))
                .map(String::strip)
                .map(slug -> Feature.ofSlug(slug)
                        .orElseThrow(() -> new ProblemException(
                                AuthProblem.FEATURE_UNKNOWN, slug, String.join(", ", Feature.slugs()))))
                .distinct()
                .toList();
    }
}
