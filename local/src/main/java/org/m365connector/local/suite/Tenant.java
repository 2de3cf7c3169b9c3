package org.m365connector.local.suite;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.m365connector.emulator.Seed;

/**
 * The Microsoft 365 that a run talks to: the emulator's seeded tenant or a real one.
 *
 * @param emulated whether the emulator is to be started and is to play it
 * @param upns who a portal user is in it
 * @param passThrough variables for the services: cloud, proxy, trust file, public addresses
 */
public record Tenant(
        boolean emulated,
        String tenantId,
        String clientId,
        String clientSecret,
        Map<Person, String> upns,
        Map<String, String> passThrough) {

    public Tenant {
        upns = Map.copyOf(upns);
        passThrough = Map.copyOf(passThrough);
    }

    public static Tenant ofEmulator() {
        return new Tenant(
                true,
                Seed.TENANT_ID,
                Seed.CLIENT_ID,
                Seed.CLIENT_SECRET,
                Map.of(Person.ADA, Seed.ADA, Person.BEN, Seed.BEN, Person.CLARA, Seed.CLARA),
                Map.of());
    }

    /** A real tenant, from a file like {@code tenant.env.example}. */
    public static Tenant of(Path path) {
        EnvFile file = EnvFile.read(path, "start from tenant.env.example");
        file.require("TENANT_ID", "TENANT_CLIENT_ID", "TENANT_CLIENT_SECRET", "TENANT_ADMIN_UPN");
        Map<Person, String> upns = new LinkedHashMap<>();
        upns.put(Person.ADA, file.required("TENANT_ADMIN_UPN"));
        file.optional("TENANT_USER_UPN").ifPresent(upn -> upns.put(Person.BEN, upn));
        file.optional("TENANT_SECOND_USER_UPN").ifPresent(upn -> upns.put(Person.CLARA, upn));
        return new Tenant(
                false,
                file.required("TENANT_ID"),
                file.required("TENANT_CLIENT_ID"),
                file.required("TENANT_CLIENT_SECRET"),
                upns,
                file.startingWith("M365_", "NO_PROXY"));
    }

    @Override
    public String toString() {
        return "Tenant[" + tenantId + (emulated ? ", emulated]" : "]");
    }
}
