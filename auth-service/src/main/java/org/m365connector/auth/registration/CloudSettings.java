package org.m365connector.auth.registration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.util.Map;

/** Microsoft's clouds. The cloud {@code global} is made from {@code m365.entra.authority} and {@code m365.graph.base-url}. */
interface CloudSettings {

    /** The cloud {@code global}. */
    @ConfigMapping(prefix = "m365.graph")
    interface Global {

        /** Graph without version and trailing slash ({@code M365_GRAPH_BASE_URL}). */
        @WithDefault("https://graph.microsoft.com")
        String baseUrl();

        /** What tokens are asked for. An emulator of Graph has another address but not another name. */
        @WithDefault("https://graph.microsoft.com")
        String resource();
    }

    /** Further clouds by name. */
    @ConfigMapping(prefix = "m365.clouds")
    interface Further {

        @WithParentName
        Map<String, Cloud> byName();

        interface Cloud {

            /** Its login host without trailing slash, {@code https://login.microsoftonline.us}. */
            String authority();

            /** Its Graph without version and trailing slash, {@code https://graph.microsoft.us}. */
            String graphBaseUrl();
        }
    }
}
