package org.m365connector.local;

import java.util.Locale;
import org.m365connector.emulator.Seed;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

/** What is said when everything runs: the addresses, the portal's key, and what to try. */
final class Welcome {

    private Welcome() {}

    static String text(Suite suite, Tenant tenant) {
        Suite.DemoPortal portal = suite.portal().orElseThrow();
        StringBuilder text = new StringBuilder(System.lineSeparator());
        for (Service service : Service.values()) {
            line(text, service.module(), suite.url(service) + "   API: " + suite.url(service) + "/q/openapi");
        }
        suite.emulatorUrl().ifPresent(url -> line(text, "emulator", url + "   of Entra ID and Microsoft Graph"));
        line(text, "Kafka", suite.kafkaBootstrap());
        line(text, "PostgreSQL", suite.postgresUrl());
        line(text, "portal", portal.id() + "   key: " + portal.key());
        for (Person person : Person.values()) {
            if (tenant.upns().containsKey(person)) {
                line(text, "user", person.guid() + " is " + tenant.upns().get(person));
            }
        }
        // The administrator is always there; ben is nicer, since he may less.
        Person person = tenant.upns().containsKey(Person.BEN) ? Person.BEN : Person.ADA;
        text.append(String.format(Locale.ROOT, """

                What to try (in another shell):
                  . target/local.env
                  # sign %3$s in: opens a link for a browser%1$s
                  curl -s -X POST $AUTH_URL/api/portals/$M365_PORTAL/registrations/$M365_REGISTRATION/logins \\
                    -H "X-API-Key: $M365_PORTAL_KEY" -H 'Content-Type: application/json' \\
                    -d '{"portaluser":"%2$s","display":"redirect"}'
                  # then read the mail of that account through the proxy
                  curl -s -H "X-API-Key: $M365_PORTAL_KEY" \\
                    "$PROXY_URL/graph/$M365_PORTAL/$M365_REGISTRATION/as/%2$s/v1.0/me/messages?\\$top=3"
                """, password(tenant), person.guid(), person.login()));
        if (tenant.emulated()) {
            text.append(String.format(Locale.ROOT, """
                      # or see the whole main job
                      ./run demo
                    """));
        }
        return text.append(String.format("%nCtrl-C ends everything.%n")).toString();
    }

    private static String password(Tenant tenant) {
        return tenant.emulated() ? " (password of all: " + Seed.PASSWORD + ")" : "";
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "  %-20s %s%n", name, value));
    }
}
