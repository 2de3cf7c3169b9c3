package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceEnvironmentTest {
    @TempDir
    private Path temporary;

    @Test
    void theEmulatorNotifiesThisMachine() {
        assertThat(syncWith(Tenant.ofEmulator()))
                .containsEntry("M365_PUBLIC_NOTIFICATION_URL", "http://localhost:8084")
                .containsEntry("M365_GRAPH_BASE_URL", "http://localhost:8090");
    }

    @Test
    void withARealTenantOnlyItsFileSaysWhereGraphNotifies() throws IOException {
        assertThat(syncWith(tenant("M365_PUBLIC_NOTIFICATION_URL=")))
                .doesNotContainKeys("M365_PUBLIC_NOTIFICATION_URL", "M365_GRAPH_BASE_URL");
        assertThat(syncWith(tenant("M365_PUBLIC_NOTIFICATION_URL=https://tunnel.example")))
                .containsEntry("M365_PUBLIC_NOTIFICATION_URL", "https://tunnel.example");
    }

    private Tenant tenant(String line) throws IOException {
        Path file = temporary.resolve("my.env");
        Files.writeString(file, """
                TENANT_ID=t
                TENANT_CLIENT_ID=c
                TENANT_CLIENT_SECRET=s
                TENANT_ADMIN_UPN=ada@contoso.example
                %s
                """.formatted(line));
        return Tenant.of(file);
    }

    private static Map<String, String> syncWith(Tenant tenant) {
        return new ServiceEnvironment(Ports.usual(), Secrets.fresh(), tenant).of(Service.SYNC);
    }
}
