package org.m365connector.local.suite;

import java.util.LinkedHashMap;
import java.util.Map;

/** The variables that each service is started with; the same names as in docker-compose.yml. */
final class ServiceEnvironment {
    private final Ports ports;
    private final Secrets secrets;
    private final Tenant tenant;

    ServiceEnvironment(Ports ports, Secrets secrets, Tenant tenant) {
        this.ports = ports;
        this.secrets = secrets;
        this.tenant = tenant;
    }

    Map<String, String> of(Service service) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("MALLOC_ARENA_MAX", "2");
        variables.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        variables.put("QUARKUS_HTTP_PORT", Integer.toString(ports.of(service)));
        // The launcher asks many times a second during the start; it tells itself what was missing.
        variables.put("QUARKUS_LOG_CATEGORY__IO_SMALLRYE_HEALTH__LEVEL", "ERROR");
        variables.put("KAFKA_BOOTSTRAP_SERVERS", "localhost:" + ports.kafka());
        variables.put("M365_ADMIN_KEY", secrets.adminKey());
        variables.put("M365_SERVICE_KEYS", secrets.serviceKey());
        for (Service other : Service.values()) {
            variables.put("M365_" + other.urlVariable(), url(other));
        }
        variables.put("M365_PUBLIC_LOGIN_URL", url(Service.AUTH));
        if (tenant.emulated()) {
            // The real Graph does not reach this machine; a tenant's file names what it does reach, or watches are
            // polled only.
            variables.put("M365_PUBLIC_NOTIFICATION_URL", url(Service.SYNC));
            variables.put("M365_ENTRA_AUTHORITY", emulatorUrl());
            variables.put("M365_GRAPH_BASE_URL", emulatorUrl());
        }
        service.schema().ifPresent(schema -> {
            variables.put(
                    "QUARKUS_DATASOURCE_JDBC_URL",
                    "jdbc:postgresql://localhost:" + ports.postgres() + "/" + Databases.DATABASE);
            variables.put("QUARKUS_DATASOURCE_USERNAME", schema);
            variables.put(
                    "QUARKUS_DATASOURCE_PASSWORD", secrets.databasePasswords().get(service));
        });
        variables.putAll(own(service));
        variables.putAll(tenant.passThrough());
        return variables;
    }

    private Map<String, String> own(Service service) {
        return switch (service) {
            case AUTH -> Map.of("M365_VAULT_KEYSET", secrets.vaultKeyset());
            case SYNC -> Map.of("M365_CLIENT_STATE_KEY", secrets.clientStateKey());
            case ASSIGNMENT, PROXY -> Map.of();
        };
    }

    String url(Service service) {
        return "http://localhost:" + ports.of(service);
    }

    String emulatorUrl() {
        return "http://localhost:" + ports.emulator();
    }
}
