package org.m365connector.sync.rich;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.util.Map;

/** Whose keys sign Graph's tokens; the same settings as auth-service's. */
interface EntraConfig {

    /** The cloud {@code global}. */
    @ConfigMapping(prefix = "m365.entra")
    interface Global {
        /** Its login host ({@code M365_ENTRA_AUTHORITY}), without tenant and trailing slash. */
        @WithDefault("https://login.microsoftonline.com")
        String authority();
    }

    /** Further clouds by name. */
    @ConfigMapping(prefix = "m365.clouds")
    interface Further {
        @WithParentName
        Map<String, Cloud> byName();

        interface Cloud {
            /** Its login host without trailing slash. */
            String authority();

            /** Its Graph; of no use here. */
            String graphBaseUrl();
        }
    }
}
