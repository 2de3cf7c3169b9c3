package org.m365connector.auth.registration;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.entra.EntraSettings;
import org.m365connector.problem.ProblemException;

/** The clouds that a registration can be in. */
@ApplicationScoped
class Clouds {

    static final String GLOBAL = "global";

    /**
     * @param authority login host without trailing slash
     * @param graphBaseUrl where Graph is called
     * @param graph what tokens are asked for
     */
    record Cloud(String authority, String graphBaseUrl, String graph) {}

    private final Map<String, Cloud> byName = new HashMap<>();

    Clouds(EntraSettings entra, CloudSettings.Global global, CloudSettings.Further further) {
        byName.put(GLOBAL, new Cloud(bare(entra.authority()), bare(global.baseUrl()), bare(global.resource())));
        further.byName()
                .forEach((name, cloud) -> byName.put(
                        name,
                        new Cloud(bare(cloud.authority()), bare(cloud.graphBaseUrl()), bare(cloud.graphBaseUrl()))));
    }

    Cloud get(String name) {
        Cloud cloud = byName.get(name);
        if (cloud == null) {
            throw new ProblemException(AuthProblem.CLOUD_UNKNOWN, name, names());
        }
        return cloud;
    }

    Set<String> names() {
        return Set.copyOf(byName.keySet());
    }

    private static String bare(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
