package org.m365connector.sync.work;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** What the roles mean for the settings of the framework: a process consumes, migrates and relays only what it has a role for. */
public final class RoleSettings implements ConfigSourceFactory {
    private static final String NAME = "roles of sync-service";

    /** Above application.properties, below the environment. */
    private static final int ORDINAL = 260;

    private static final String DATABASE_HEALTH =
            "quarkus.smallrye-health.check.\"io.quarkus.agroal.runtime.health.DataSourceHealthCheck\".enabled";

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue configured = context.getValue("m365.sync.roles");
        if (configured == null || configured.getValue() == null) {
            return List.of();
        }
        Set<String> roles = Arrays.stream(configured.getValue().split(",", -1))
                .map(role -> role.trim().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        boolean database = roles.contains("inbound") || roles.contains("outbound");
        Map<String, String> settings = new HashMap<>();
        settings.put("mp.messaging.incoming.actions.enabled", Boolean.toString(roles.contains("outbound")));
        settings.put("mp.messaging.incoming.notifications.enabled", Boolean.toString(roles.contains("inbound")));
        settings.put("mp.messaging.incoming.deliveries.enabled", Boolean.toString(roles.contains("inbound")));
        settings.put("mp.messaging.incoming.portals.enabled", Boolean.toString(roles.contains("inbound")));
        settings.put("mp.messaging.incoming.registrations.enabled", Boolean.toString(roles.contains("inbound")));
        settings.put("quarkus.flyway.migrate-at-start", Boolean.toString(database));
        settings.put("m365.outbox.relay", Boolean.toString(database));
        settings.put("quarkus.scheduler.enabled", Boolean.toString(database));
        settings.put(DATABASE_HEALTH, Boolean.toString(database));
        return List.of(new PropertiesConfigSource(settings, NAME, ORDINAL));
    }
}
