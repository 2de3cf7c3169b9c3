package org.m365connector.local;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

/** Gives a fresh suite the portal {@code demo} with the registration {@code Main} and its users, so that there is something to try. */
final class Onboarding {
    private static final String PORTAL = "demo";
    private static final List<String> ORIGINS = List.of("http://localhost:8080", "http://localhost:3000");

    private final LocalSuite local;
    private final Progress progress;

    Onboarding(LocalSuite local, Progress progress) {
        this.local = local;
        this.progress = progress;
    }

    /** The suite with its portal; the same one again where the state was kept. */
    Suite demoPortal() {
        Suite suite = local.suite();
        Administrator administrator = new Administrator(suite);
        if (administrator.knows(PORTAL)) {
            String key = local.secrets()
                    .portalKey()
                    .orElseThrow(() ->
                            new LocalException("The kept portal " + PORTAL + " has no kept key; start without --keep"));
            progress.say("portal " + PORTAL + " is there from the last time");
            return suite.withPortal(new Suite.DemoPortal(PORTAL, key, Administrator.REGISTRATION));
        }
        Suite.DemoPortal portal = administrator.onboard(PORTAL, ORIGINS);
        local.rememberPortalKey(portal.key());
        publishUsers(suite, portal, local.tenant());
        administrator.register(PORTAL, local.tenant());
        progress.say("portal " + PORTAL + " is onboarded, registration " + Administrator.REGISTRATION + " is complete");
        return suite.withPortal(portal);
    }

    private static void publishUsers(Suite suite, Suite.DemoPortal portal, Tenant tenant) {
        try (PortalSide side = new PortalSide(suite, portal)) {
            for (Map.Entry<Person, String> user : tenant.upns().entrySet()) {
                side.publishUser(user.getKey(), Optional.of(user.getValue()));
            }
        }
    }
}
