package org.m365connector.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.PortalNotes;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

/**
 * Gives the suite a portal with the registration {@code Main} and the tenant's users, so that there is something to try.
 * Where state was kept it does what is still missing, after a start that failed half-way too, and what the tenant's file
 * says otherwise by now. What somebody has changed by hand, it leaves.
 */
public final class Onboarding {
    private static final List<String> ORIGINS = List.of("http://localhost:8080", "http://localhost:3000");

    private final Suite suite;
    private final Tenant tenant;
    private final Path file;
    private final Progress progress;
    private final Administrator administrator;
    private PortalNotes notes;

    /** @param file for what cannot be read back from the suite */
    public Onboarding(Suite suite, Tenant tenant, Path file, Progress progress) {
        this.suite = suite;
        this.tenant = tenant;
        this.file = file;
        this.progress = progress;
        administrator = new Administrator(suite);
        notes = PortalNotes.read(file).orElseGet(() -> PortalNotes.none(tenant));
    }

    /** The suite with that portal; the same one again where the state was kept. */
    public Suite portal(String id) {
        boolean kept = administrator.knows(id);
        Suite.DemoPortal portal =
                new Suite.DemoPortal(id, kept ? keptKey(id) : onboard(id), Administrator.REGISTRATION);
        publishUsers(portal);
        Optional<JsonNode> registration = administrator.registration(id);
        if (registration.isPresent()) {
            update(id, registration.get());
        } else {
            administrator.register(id, tenant);
            note(notes.withSecretOf(tenant));
        }
        progress.say(
                kept
                        ? "portal " + id + " is there from the last time"
                        : "portal " + id + " is onboarded, registration " + Administrator.REGISTRATION
                                + " is complete");
        return suite.withPortal(portal);
    }

    private String onboard(String id) {
        String key = administrator.onboard(id, ORIGINS).key();
        note(notes.withKey(key));
        return key;
    }

    /** Another one where the first was lost, as when a start was killed before it could note it. */
    private String keptKey(String id) {
        return notes.key().orElseGet(() -> {
            String key = administrator.addKey(id);
            note(notes.withKey(key));
            return key;
        });
    }

    private void publishUsers(Suite.DemoPortal portal) {
        Map<Person, String> before = notes.upns();
        Map<Person, String> now = tenant.upns();
        if (before.equals(now)) {
            return;
        }
        try (PortalSide side = new PortalSide(suite, portal)) {
            now.forEach((person, upn) -> {
                if (!upn.equals(before.get(person))) {
                    side.publishUser(person, Optional.of(upn));
                }
            });
            before.keySet().stream().filter(person -> !now.containsKey(person)).forEach(side::publishRemovedUser);
        }
        note(notes.withUpns(now));
    }

    private void update(String id, JsonNode registration) {
        boolean otherSecret = !notes.hasSecretOf(tenant);
        List<String> olderSecrets = secrets(registration);
        if (otherSecret) {
            administrator.addSecret(id, tenant.clientSecret());
        }
        if (!registration.path("tenantId").asText().equals(tenant.tenantId())
                || !registration.path("clientId").asText().equals(tenant.clientId())) {
            administrator.changeApp(id, tenant);
            progress.say("registration " + Administrator.REGISTRATION + " is for app " + tenant.clientId()
                    + " of tenant " + tenant.tenantId() + " from now on");
        }
        if (otherSecret) {
            // The last ones, since a registration is never without.
            olderSecrets.forEach(secret -> administrator.removeCredential(id, secret));
            note(notes.withSecretOf(tenant));
            progress.say("registration " + Administrator.REGISTRATION + " has the client secret of now");
        }
    }

    /** Not certificates and the like: no tenant's file has them, so somebody has added them by hand. */
    private static List<String> secrets(JsonNode registration) {
        List<String> found = new ArrayList<>();
        registration.path("credentials").forEach(credential -> {
            if (credential.path("kind").asText().equals("secret")) {
                found.add(credential.path("id").asText());
            }
        });
        return found;
    }

    private void note(PortalNotes newNotes) {
        notes = newNotes;
        notes.write(file);
    }
}
