package org.m365connector.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.m365connector.emulator.Seed;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;

/** What a portal does: publishes users and actions, reads results, logins and changes, and calls the REST APIs. */
public final class PortalSide implements AutoCloseable {
    private final Suite.DemoPortal portal;
    private final PortalTopics topics;
    private final Rest auth;
    private final Rest sync;
    private final Rest proxy;
    private final AtomicInteger published = new AtomicInteger();

    public PortalSide(Suite suite, Suite.DemoPortal portal) {
        this.portal = portal;
        topics = new PortalTopics(
                suite.kafkaBootstrap(),
                List.of(topic("results"), topic("logins"), topic("changes"), topic("actions") + ".dead-letter"));
        auth = Rest.at(suite.url(Service.AUTH)).with("X-API-Key", portal.key());
        sync = Rest.at(suite.url(Service.SYNC)).with("X-API-Key", portal.key());
        proxy = Rest.at(suite.url(Service.PROXY)).with("X-API-Key", portal.key());
    }

    public String id() {
        return portal.id();
    }

    public PortalTopics topics() {
        return topics;
    }

    public Rest proxy() {
        return proxy;
    }

    public String topic(String kind) {
        return "portal." + portal.id() + "." + kind;
    }

    /** Tells of a user; without a user principal name he has no Microsoft 365 account that anybody would know of. */
    public void publishUser(Person person, Optional<String> upn) {
        publishUser(person.guid(), person.firstName(), person.lastName(), upn);
    }

    public void publishUser(String guid, String firstName, String lastName, Optional<String> upn) {
        ObjectNode user = Json.object().put("portaluser", guid);
        ObjectNode fields = user.putObject("fields");
        fields.put("firstName", firstName).put("lastName", lastName);
        upn.ifPresent(name -> fields.put("emailBiz", name));
        user.putArray("groups");
        user.putArray("roles");
        topics.publishBinary(topic("users"), guid, attributes("portal-user-changed.v1", UUID.randomUUID()), user);
    }

    /** Tells that the portal has this user no longer. */
    public void publishRemovedUser(Person person) {
        topics.publishBinary(
                topic("users"),
                person.guid(),
                attributes("portal-user-removed.v1", UUID.randomUUID()),
                Json.object().put("portaluser", person.guid()));
    }

    /** Publishes {@code mail.send.v1} and answers its id. */
    public String publishMail(Person person, Optional<String> account, String mailbox, String to, String subject) {
        ObjectNode data = Json.object().put("mailbox", mailbox);
        ObjectNode message = data.putObject("message").put("subject", subject);
        message.putObject("body").put("contentType", "html").put("content", "<b>Milestone</b> reached");
        message.putArray("toRecipients").add(to);
        return publish("mail.send.v1", person.guid(), account, data);
    }

    /** Publishes {@code teams.message.send.v1} for the channel "Milestones" and answers its id. */
    public String publishTeamsMessage(Person person, Optional<String> account, String text) {
        return publishTeamsMessage(person.guid(), account, text);
    }

    public String publishTeamsMessage(String portalUser, Optional<String> account, String text) {
        ObjectNode data = Json.object();
        data.putObject("channel").put("teamId", Seed.TEAM_ID).put("channelId", Seed.MILESTONES_ID);
        data.putObject("body").put("contentType", "html").put("content", text);
        return publish("teams.message.send.v1", portalUser, account, data);
    }

    /** In structured and in binary mode by turns. */
    String publish(String type, String portalUser, Optional<String> account, ObjectNode data) {
        UUID id = UUID.randomUUID();
        Map<String, String> attributes = attributes(type, id);
        attributes.put("portaluser", portalUser);
        attributes.put("registration", portal.registration());
        account.ifPresent(name -> attributes.put("account", name));
        if (published.getAndIncrement() % 2 == 0) {
            ObjectNode event = Json.object();
            attributes.forEach(event::put);
            event.put("datacontenttype", "application/json");
            event.set("data", data);
            topics.publishStructured(topic("actions"), portalUser, event);
        } else {
            topics.publishBinary(topic("actions"), portalUser, attributes, data);
        }
        return id.toString();
    }

    private Map<String, String> attributes(String type, UUID id) {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("specversion", "1.0");
        attributes.put("type", type);
        attributes.put("source", "/intrexx/" + portal.id());
        attributes.put("id", id.toString());
        attributes.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        return attributes;
    }

    /** The one result of an action. */
    public Seen awaitResult(String action) {
        return topics.await(
                "the result of action " + action,
                topic("results"),
                Waiting.PATIENCE,
                event -> event.type().equals("action-completed.v1") && event.answers(action));
    }

    public List<Seen> results(String action) {
        return topics.all(event -> event.type().equals("action-completed.v1") && event.answers(action));
    }

    public Seen awaitParked(String action) {
        return topics.await(
                "that action " + action + " is parked",
                topic("results"),
                Waiting.PATIENCE,
                event -> event.type().equals("action-parked.v1") && event.answers(action));
    }

    /** That somebody is asked to sign in. */
    Seen awaitLoginRequired(Person person) {
        return topics.await(
                "login-required for " + person.login(),
                topic("logins"),
                Waiting.PATIENCE,
                event -> event.type().equals("login-required.v1")
                        && event.data().path("portaluser").asText().equals(person.guid()));
    }

    /** A ticket for the person in front of the portal's page. */
    public Answer beginLogin(Person person, String display) {
        return auth.post(
                registration() + "/logins",
                Json.object().put("portaluser", person.guid()).put("display", display));
    }

    public Answer loginState(Person person) {
        return auth.get(registration() + "/logins/" + person.guid());
    }

    public Answer signOut(Person person) {
        return auth.delete(registration() + "/logins/" + person.guid());
    }

    public String watchInbox(Person person, String account, String upn) {
        return watchFolder(person, account, upn, "inbox");
    }

    public String watchFolder(Person person, String account, String upn, String folder) {
        ObjectNode watch = Json.object().put("kind", "mail-folder");
        watch.putObject("resource").put("user", upn).put("folder", folder);
        return watch(watch, person, account);
    }

    public String watchChannel(Person person, String account) {
        ObjectNode watch = Json.object().put("kind", "channel");
        watch.putObject("resource").put("teamId", Seed.TEAM_ID).put("channelId", Seed.MILESTONES_ID);
        return watch(watch, person, account);
    }

    private String watch(ObjectNode watch, Person person, String account) {
        watch.put("portaluser", person.guid()).put("account", account);
        return sync.post(registration() + "/watches", watch)
                .expect(201)
                .json()
                .path("id")
                .asText();
    }

    public JsonNode watch(String id) {
        return sync.get(registration() + "/watches/" + id).expect(200).json();
    }

    /** Ends a watch, and waits until Graph's subscription is gone: there is one for each channel and app only. */
    public void unwatch(String id) {
        sync.delete(registration() + "/watches/" + id).expect(204);
        Waiting.until("watch " + id + " has ended", Waiting.PATIENCE, () -> {
            int status = sync.get(registration() + "/watches/" + id).status();
            return status == 404 ? Optional.of(status) : Optional.empty();
        });
    }

    /** Changes, results and logins are to be POSTed there too, as soon as sync-service knows the portal. */
    public void deliverTo(PortalEndpoint endpoint) {
        ObjectNode delivery = Json.object().put("url", endpoint.url()).put("apiKey", endpoint.apiKey());
        Waiting.until("events are delivered", Waiting.PATIENCE, () -> {
            Answer answer = sync.put("/api/portals/" + portal.id() + "/delivery", delivery);
            return answer.status() == 200 ? Optional.of(answer) : Optional.empty();
        });
    }

    public void deliverNothing() {
        sync.delete("/api/portals/" + portal.id() + "/delivery").expect(204);
    }

    /** Where an action stands, as sync-service sees it. */
    public String describe(String action) {
        return sync.get("/api/portals/" + portal.id() + "/actions/" + action).text();
    }

    /** A call to Graph through the proxy, on behalf of a portal user. */
    public Answer graph(Person person, String path) {
        return graph(person.guid(), path);
    }

    public Answer graph(String portalUser, String path) {
        return proxy.get("/graph/" + portal.id() + "/" + portal.registration() + "/as/" + portalUser + path);
    }

    @Override
    public void close() {
        topics.close();
    }

    private String registration() {
        return "/api/portals/" + portal.id() + "/registrations/" + portal.registration();
    }
}
