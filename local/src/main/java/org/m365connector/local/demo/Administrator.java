package org.m365connector.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

/** What an administrator does over REST, with the admin key. */
public final class Administrator {
    public static final String REGISTRATION = "Main";

    private final Rest auth;
    private final Rest assignment;
    private final Suite suite;

    public Administrator(Suite suite) {
        this.suite = suite;
        auth = Rest.at(suite.url(Service.AUTH)).bearer(suite.adminKey());
        assignment = Rest.at(suite.url(Service.ASSIGNMENT)).bearer(suite.adminKey());
    }

    /** Makes a portal known; its key is shown this once. */
    public Suite.DemoPortal onboard(String id, Collection<String> origins) {
        ObjectNode portal = Json.object();
        portal.put("id", id)
                .put("name", "Demo portal")
                .put("intrexxVersion", "12.0.0")
                .put("language", "en");
        ArrayNode allowed = portal.putArray("origins");
        origins.forEach(allowed::add);
        JsonNode made = auth.post("/api/portals", portal).expect(201).json();
        return new Suite.DemoPortal(id, made.path("key").path("value").asText(), REGISTRATION);
    }

    public boolean knows(String portal) {
        return found(auth.get("/api/portals/" + portal)).isPresent();
    }

    /** One more key for a portal; the others stay good. */
    public String addKey(String portal) {
        return auth.post("/api/portals/" + portal + "/keys", Json.object())
                .expect(201)
                .json()
                .path("value")
                .asText();
    }

    /** Ends it; it is gone once its subscriptions are. */
    public void removeRegistration(String portal) {
        auth.delete(registrationPath(portal)).expect(204);
    }

    public Optional<JsonNode> registration(String portal) {
        return found(auth.get(registrationPath(portal)));
    }

    private static Optional<JsonNode> found(Answer answer) {
        return answer.status() == 404
                ? Optional.empty()
                : Optional.of(answer.expect(200).json());
    }

    /** Registers the connector for the portal; {@link Person#ADA} administers it. */
    public JsonNode register(String portal, Tenant tenant) {
        ObjectNode registration = Json.object();
        registration.put("name", REGISTRATION);
        List.of("mail-read", "mail-send", "teams-read", "teams-send").forEach(registration.withArray("features")::add);
        registration.put("accountTypes", "business").put("administrator", Person.ADA.guid());
        registration.put("tenantId", tenant.tenantId()).put("clientId", tenant.clientId());
        registration.putArray("credentials").addObject().put("kind", "secret").put("secret", tenant.clientSecret());
        return auth.post("/api/portals/" + portal + "/registrations", registration)
                .expect(201)
                .json();
    }

    /** Changes which app of which tenant it is; its credentials stay. */
    public void changeApp(String portal, Tenant tenant) {
        ObjectNode change = Json.object().put("tenantId", tenant.tenantId()).put("clientId", tenant.clientId());
        auth.patch(registrationPath(portal), change).expect(200);
    }

    public void addSecret(String portal, String secret) {
        ObjectNode credential = Json.object().put("kind", "secret").put("secret", secret);
        auth.post(registrationPath(portal) + "/credentials", credential).expect(201);
    }

    public void removeCredential(String portal, String id) {
        auth.delete(registrationPath(portal) + "/credentials/" + id).expect(204);
    }

    public JsonNode addStaticAccount(String portal, String name, String upn) {
        ObjectNode account = Json.object().put("name", name).put("upn", upn);
        return auth.post(registrationPath(portal) + "/accounts", account)
                .expect(201)
                .json();
    }

    /** @param method {@code browser}, which answers {@code loginUrl}, or {@code device}, which answers a code */
    public JsonNode beginStaticLogin(String portal, String name, String method) {
        Answer answer = auth.post(
                registrationPath(portal) + "/accounts/" + name + "/logins",
                Json.object().put("method", method));
        return answer.expect(201).json();
    }

    public JsonNode staticAccount(String portal, String name) {
        return auth.get(registrationPath(portal) + "/accounts/" + name)
                .expect(200)
                .json();
    }

    /** @param accounts the first is the one that acts when none is named */
    public JsonNode assign(String portal, Person person, String... accounts) {
        return assign(portal, person.guid(), accounts);
    }

    public JsonNode assign(String portal, String guid, String... accounts) {
        ObjectNode wanted = Json.object();
        wanted.putObject("principal").put("kind", "user").put("id", guid);
        for (String account : accounts) {
            wanted.withArray("accounts").add(account);
        }
        wanted.put("default", accounts[0]);
        return assignment
                .post(registrationPath(portal) + "/assignments", wanted)
                .expect(201)
                .json();
    }

    /** From now on only those may act whom an assignment names. */
    public void removeDefaultAssignment(String portal) {
        JsonNode list = assignment
                .get(registrationPath(portal) + "/assignments?kind=default")
                .expect(200)
                .json();
        JsonNode found = list.findValue("id");
        if (found == null) {
            throw new LocalException("There is no assignment for everybody: " + list);
        }
        String path = registrationPath(portal) + "/assignments/" + found.asText();
        String tag = assignment
                .get(path)
                .expect(200)
                .headers()
                .firstValue("ETag")
                .orElseThrow(() -> new LocalException("The assignment has no ETag"));
        assignment.with("If-Match", tag).delete(path).expect(204);
    }

    public Suite suite() {
        return suite;
    }

    private static String registrationPath(String portal) {
        return "/api/portals/" + portal + "/registrations/" + REGISTRATION;
    }
}
