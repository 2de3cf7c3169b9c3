package org.m365connector.local.demo;

import static org.m365connector.local.demo.Claims.claim;
import static org.m365connector.local.demo.Claims.only;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.m365connector.emulator.Seed;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;
import org.m365connector.local.suite.Tenant;

/**
 * The job that this suite is there for, step by step: onboarding, a mail as the app, what the app may not do, a message as
 * ben who has to sign in first, messages of an impersonal account, changes that Microsoft 365 tells of, also without Kafka,
 * reading through the proxy, and clear answers to what is wrong. Each step looks into Microsoft 365 for what really happened.
 */
public final class MainJob implements AutoCloseable {
    private static final String ASSIGNMENTS = "m365.assignments";
    private static final String STATIC_ACCOUNT = "portal-bot";
    private static final String MAIL = "/v1.0/me/messages?$top=2&$select=id,subject";

    private final Suite suite;
    private final String portalId;
    private final Microsoft365 microsoft;
    private final Administrator administrator;
    private final Browser browser;
    private final PortalPage page;
    private final PortalEndpoint endpoint;
    private final PortalTopics operator;
    /** Stands in every subject and text, so that what is counted is ours. */
    private final String mark = UUID.randomUUID().toString().substring(0, 8);

    private PortalSide portal;

    private MainJob(
            Suite suite,
            String portalId,
            Microsoft365 microsoft,
            PortalPage page,
            PortalEndpoint endpoint,
            PortalTopics operator,
            Browser browser) {
        this.suite = suite;
        this.portalId = portalId;
        this.microsoft = microsoft;
        this.page = page;
        this.endpoint = endpoint;
        this.operator = operator;
        this.browser = browser;
        administrator = new Administrator(suite);
    }

    /**
     * Plays everything with a portal of that name, which must be new. True if every step came true.
     *
     * @throws LocalException if the suite works on a real tenant, into which nobody can look
     */
    public static boolean play(Suite suite, String portalId, PrintStream out) {
        Microsoft365 microsoft = new Microsoft365(suite.emulatorUrl()
                .orElseThrow(() -> new LocalException(
                        "The suite works on a real tenant, and the demo looks into the emulator. End it with ./run stop"
                                + " and start ./run demo without --tenant.")));
        Transcript transcript = new Transcript(out);
        try (PortalPage page = new PortalPage(suite.url(Service.AUTH) + "/login/m365-login.js");
                PortalEndpoint endpoint = new PortalEndpoint();
                PortalTopics operator = new PortalTopics(suite.kafkaBootstrap(), List.of(ASSIGNMENTS));
                Browser browser = Browser.best();
                MainJob job = new MainJob(suite, portalId, microsoft, page, endpoint, operator, browser)) {
            out.println();
            job.playAll(transcript);
        }
        transcript.end();
        return transcript.allCameTrue();
    }

    private void playAll(Transcript transcript) {
        String begin = "portal " + portalId + " is onboarded, its administrator gets the service account by itself";
        if (!transcript.play("a", begin, this::onboard)) {
            return; // Nothing of what follows could come true.
        }
        transcript.play("b", "a mail for the administrator, sent by the app", this::mailAsApp);
        transcript.play("c", "a Teams message as the app is refused before Graph is called", this::teamsAsApp);
        transcript.play("d", "a Teams message waits until its sender has signed in", this::teamsAsCurrentUser);
        transcript.play("e", "clara's Teams messages are posted by the impersonal user", this::teamsAsStaticAccount);
        transcript.play("f", "what somebody does in Microsoft 365 arrives in the portal", this::changes);
        transcript.play("g", "a change arrives at the portal's API endpoint, without Kafka", this::delivery);
        transcript.play("h", "ben's mail through the proxy, page by page", this::proxy);
        transcript.play("i", "each mistake has an answer of its own", this::mistakes);
    }

    private List<String> onboard() {
        Suite.DemoPortal onboarded = administrator.onboard(portalId, List.of(page.origin(), endpoint.origin()));
        portal = new PortalSide(suite, onboarded);
        portal.publishUser(Person.ADA, Optional.of(Seed.ADA));
        portal.publishUser(Person.BEN, Optional.of(Seed.BEN));
        portal.publishUser(Person.CLARA, Optional.of(Seed.CLARA));
        portal.publishUser(Person.EVE, Optional.empty());
        JsonNode registration = administrator.register(portalId, Tenant.ofEmulator());
        claim(registration.path("state").asText().equals("complete"), "the registration is complete", registration);

        Seen assigned = awaitAssignment(Person.ADA, "current-user", "service");
        administrator.assign(portalId, Person.BEN, "current-user", "service");
        awaitAssignment(Person.BEN, "current-user", "service");
        return List.of(
                "registration " + Administrator.REGISTRATION + " for tenant " + Seed.TENANT_ID,
                "m365.assignments says of ada: " + accounts(assigned)
                        + "; nobody had called assignment-service until then",
                "ben was assigned current-user and service by the administrator");
    }

    /** That he may use these accounts, and no other. */
    private Seen awaitAssignment(Person person, String... accounts) {
        Set<String> wanted = Set.of(accounts);
        String key = portalId + "/" + Administrator.REGISTRATION + "/" + person.guid();
        return operator.await(
                person.login() + " may use " + String.join(" and ", accounts) + " only",
                ASSIGNMENTS,
                Waiting.PATIENCE,
                event -> event.key().equals(key) && Set.copyOf(accounts(event)).equals(wanted));
    }

    private static List<String> accounts(Seen assignments) {
        return assignments.data().path("accounts").findValuesAsText("account");
    }

    private List<String> mailAsApp() {
        Instant begin = Instant.now();
        String subject = "Milestone " + mark;
        String action = portal.publishMail(Person.ADA, Optional.of("service"), Seed.ADA, Seed.BEN, subject);
        Seen result = portal.awaitResult(action);
        claim(result.outcome().equals("done"), "the result is done", result.data());

        JsonNode received = only("mail in ben's inbox", microsoft.mails(Seed.BEN, "inbox", subject));
        JsonNode sent = only("mail in ada's Sent Items", microsoft.mails(Seed.ADA, "sentitems", subject));
        String named = result.data().path("ids").path("internetMessageId").asText();
        claim(
                named.equals(received.path("internetMessageId").asText())
                        && named.equals(sent.path("internetMessageId").asText()),
                "the result names the mail that was received",
                result.data().path("ids"));
        List<JsonNode> calls = microsoft.requests(
                begin,
                request -> request.path("path").asText().endsWith("/send")
                        && request.path("method").asText().equals("POST"));
        JsonNode call = only("call that sent a mail", calls);
        claim(call.path("user").asText("").isEmpty(), "it was sent app-only, without a user", call);
        return List.of(
                "action " + action + " → done, message " + named,
                "ben's inbox: \"" + subject + "\" from "
                        + received.at("/from/emailAddress/address").asText() + ", once; sent app-only");
    }

    private List<String> teamsAsApp() {
        Instant begin = Instant.now();
        String action = portal.publishTeamsMessage(Person.BEN, Optional.of("service"), "as the app " + mark);
        Seen result = portal.awaitResult(action);
        claim(result.outcome().equals("rejected"), "the result is rejected", result.data());
        claim(result.problem().equals("app-only-not-supported"), "the problem says why", result.data());
        String detail = result.data().at("/problem/detail").asText();
        claim(
                detail.contains("Use instead: X-M365-Account: current-user"),
                "its detail says what to do instead",
                result.data());
        List<JsonNode> calls = postsToChannels(begin);
        claim(calls.isEmpty(), "Graph was not called", calls);
        return List.of("action " + action + " → rejected, " + result.problem() + "; Graph was not called", detail);
    }

    private List<JsonNode> postsToChannels(Instant since) {
        return microsoft.requests(
                since,
                request -> request.path("method").asText().equals("POST")
                        && request.path("path").asText().startsWith("/v1.0/teams/"));
    }

    /** Ben signs in in the pop-up of the portal's page, clara by the link that the event brings. */
    private List<String> teamsAsCurrentUser() {
        List<String> seen = new ArrayList<>();
        page.visitedBy(() -> portal.beginLogin(Person.BEN, "popup"), () -> portal.loginState(Person.BEN));
        seen.addAll(teamsAsWhoSignsIn(
                Person.BEN,
                Seed.BEN_OID,
                "in the pop-up (" + browser.description() + ")",
                link -> browser.signInByPopUp(page, Seed.BEN, Seed.PASSWORD)));
        seen.addAll(teamsAsWhoSignsIn(
                Person.CLARA,
                Seed.CLARA_OID,
                "by that link",
                link -> browser.signInByLink(link, Seed.CLARA, Seed.PASSWORD)));
        return seen;
    }

    /** @param signIn does it, where the link of the event may serve, and answers what the last page says */
    private List<String> teamsAsWhoSignsIn(Person person, String oid, String how, UnaryOperator<String> signIn) {
        String text = "Milestone reached, says " + person.login() + " " + mark;
        String action = portal.publishTeamsMessage(person, Optional.empty(), text);
        Seen parked = portal.awaitParked(action);
        Seen required = portal.awaitLoginRequired(person);
        String link = required.data().path("loginUrl").asText();
        claim(link.startsWith(suite.url(Service.AUTH) + "/login/"), "login-required carries a link", required.data());
        claim(portal.results(action).isEmpty(), "the action has no result yet", portal.results(action));

        String said = signIn.apply(link);
        Seen result = portal.awaitResult(action);
        claim(result.outcome().equals("done"), "the result is done", result.data());
        JsonNode message = only("message in the channel", microsoft.channelMessages(text));
        claim(
                message.at("/from/user/id").asText().equals(oid),
                "it was posted by " + person.login(),
                message.path("from"));
        claim(portal.results(action).size() == 1, "it has one result", portal.results(action));
        return List.of(
                "action " + action + " was parked ("
                        + parked.data().path("reason").asText() + "), login-required.v1 came with a link",
                person.login() + " signed in " + how + ": " + said,
                "then → done, message " + result.data().at("/ids/messageId").asText() + " in Milestones by "
                        + message.at("/from/user/displayName").asText() + ", once");
    }

    private List<String> teamsAsStaticAccount() {
        administrator.addStaticAccount(portalId, STATIC_ACCOUNT, Seed.PORTAL);
        JsonNode link = administrator.beginStaticLogin(portalId, STATIC_ACCOUNT, "browser");
        browser.signInByLink(link.path("loginUrl").asText(), Seed.PORTAL, Seed.PASSWORD);
        long afterBrowser = awaitReady(STATIC_ACCOUNT, -1);
        administrator.assign(portalId, Person.CLARA, STATIC_ACCOUNT);
        awaitAssignment(Person.CLARA, STATIC_ACCOUNT);
        JsonNode first = postedByStaticAccount("Reached, by browser link " + mark);

        JsonNode device = administrator.beginStaticLogin(portalId, STATIC_ACCOUNT, "device");
        String code = device.path("userCode").asText();
        browser.signInDevice(device.path("verificationUri").asText(), code, Seed.PORTAL, Seed.PASSWORD);
        awaitReady(STATIC_ACCOUNT, afterBrowser);
        JsonNode second = postedByStaticAccount("Reached, by device code " + mark);
        return List.of(
                STATIC_ACCOUNT + " was signed in as " + Seed.PORTAL + " through a browser link: message "
                        + first.path("id").asText() + " by "
                        + first.at("/from/user/displayName").asText(),
                "once more with device code " + code + ": message "
                        + second.path("id").asText() + " by "
                        + second.at("/from/user/displayName").asText());
    }

    /** @return the generation of its tokens */
    private long awaitReady(String account, long olderGeneration) {
        return Waiting.until(account + " is signed in", Waiting.PATIENCE, () -> {
            JsonNode state = administrator.staticAccount(portalId, account);
            long generation = state.path("generation").asLong();
            boolean ready = state.path("state").asText().equals("ready") && generation > olderGeneration;
            return ready ? Optional.of(generation) : Optional.empty();
        });
    }

    private JsonNode postedByStaticAccount(String text) {
        String action = portal.publishTeamsMessage(Person.CLARA, Optional.empty(), text);
        Seen result = portal.awaitResult(action);
        claim(result.outcome().equals("done"), "the result is done", result.data());
        JsonNode message = only("message in the channel", microsoft.channelMessages(text));
        claim(
                message.at("/from/user/id").asText().equals(Seed.PORTAL_OID),
                "it was posted by the impersonal user",
                message.path("from"));
        return message;
    }

    private List<String> changes() {
        String inbox = portal.watchInbox(Person.ADA, "service", Seed.ADA);
        String channel = portal.watchChannel(Person.ADA, "service");
        awaitActive(inbox);
        awaitActive(channel);

        String subject = "From outside " + mark;
        String mailId = microsoft.mailArrives(Seed.ADA, subject);
        Seen created = awaitChange("mail-created.v1", inbox, change -> change.at("/resource/subject")
                .asText()
                .equals(subject));
        claim(!created.data().at("/resource/from").asText("").isEmpty(), "it says who wrote the mail", created.data());

        microsoft.mailIsDeleted(Seed.ADA, mailId);
        String resource = created.data().at("/resource/id").asText();
        Seen deleted = awaitChange("mail-deleted.v1", inbox, change -> change.at("/resource/id")
                .asText()
                .equals(resource));

        String text = "Said by clara " + mark;
        String messageId = microsoft.messageIsPosted(Seed.CLARA, text);
        Seen said = awaitChange("channel-message-created.v1", channel, change -> change.at("/resource/id")
                .asText()
                .equals(messageId));
        portal.unwatch(inbox);
        portal.unwatch(channel);
        return List.of(
                created.type() + " \"" + subject + "\" from "
                        + created.data().at("/resource/from").asText(),
                deleted.type() + " of the same mail",
                said.type() + " by " + said.data().at("/resource/from").asText());
    }

    private List<String> delivery() {
        portal.deliverTo(endpoint);
        String inbox = portal.watchInbox(Person.ADA, "service", Seed.ADA);
        awaitActive(inbox);
        String subject = "For the endpoint " + mark;
        microsoft.mailArrives(Seed.ADA, subject);
        Seen pushed = Waiting.until(
                "the change at the portal's endpoint", Waiting.PATIENCE, () -> endpoint.delivered().stream()
                        .filter(event ->
                                event.data().at("/resource/subject").asText().equals(subject))
                        .findFirst());
        Seen onTopic = awaitChange("mail-created.v1", inbox, change -> change.at("/resource/subject")
                .asText()
                .equals(subject));
        claim(
                pushed.topic().equals("changes")
                        && pushed.attribute("id").equals(onTopic.attribute("id"))
                        && pushed.data().equals(onTopic.data()),
                "it is the event of the topic",
                pushed.data());
        portal.unwatch(inbox);
        portal.deliverNothing();
        return List.of(
                "POST " + endpoint.url() + " with X-API-KEY: " + pushed.type() + " \"" + subject + "\"",
                "same id and data as on " + onTopic.topic());
    }

    private void awaitActive(String watch) {
        Waiting.until("watch " + watch + " is active with a subscription", Waiting.PATIENCE, () -> {
            JsonNode state = portal.watch(watch);
            boolean active = state.path("state").asText().equals("active")
                    && state.at("/subscription/state").asText().equals("active");
            return active ? Optional.of(state) : Optional.empty();
        });
    }

    private Seen awaitChange(String type, String watch, Predicate<JsonNode> wanted) {
        return portal.topics()
                .await(
                        type,
                        portal.topic("changes"),
                        Waiting.PATIENCE,
                        event -> event.type().equals(type)
                                && event.data().path("watch").asText().equals(watch)
                                && wanted.test(event.data()));
    }

    private List<String> proxy() {
        for (int i = 1; i <= 3; i++) {
            microsoft.mailArrives(Seed.BEN, "Page " + i + " " + mark);
        }
        JsonNode first = portal.graph(Person.BEN, MAIL).expect(200).json();
        String next = first.path("@odata.nextLink").asText();
        claim(next.startsWith(suite.url(Service.PROXY) + "/graph/"), "the next page is at the proxy", next);
        JsonNode second = portal.proxy().get(next).expect(200).json();
        Set<String> ids = new HashSet<>(first.path("value").findValuesAsText("id"));
        int onFirst = ids.size();
        List<String> more = second.path("value").findValuesAsText("id");
        claim(!more.isEmpty() && ids.addAll(more), "the next page goes on", second);
        return List.of(
                onFirst + " messages, the next link is " + next.substring(0, next.indexOf('?')) + "?…",
                "behind it " + more.size() + " more");
    }

    private List<String> mistakes() {
        List<String> seen = new ArrayList<>();
        Rest stranger = Rest.at(suite.url(Service.PROXY)).with("X-API-Key", "not-a-key");
        String path = "/graph/" + portalId + "/" + Administrator.REGISTRATION + "/as/" + Person.BEN.guid() + MAIL;
        seen.add(refused("a wrong key", stranger.get(path), 401, "unauthorized"));
        seen.add(refused("an unknown user", portal.graph("F00D".repeat(10), MAIL), 404, "portal-user-unknown"));

        administrator.removeDefaultAssignment(portalId);
        Answer unassigned = Waiting.until("eve is not assigned any more", Waiting.PATIENCE, () -> {
            Answer answer = portal.graph(Person.EVE, MAIL);
            return answer.status() == 403 ? Optional.of(answer) : Optional.empty();
        });
        seen.add(refused("an unassigned user", unassigned, 403, "not-assigned"));

        Rest asService = portal.proxy().with("X-M365-Account", "service");
        String users = "/graph/" + portalId + "/" + Administrator.REGISTRATION + "/as/" + Person.CLARA.guid()
                + "/v1.0/users/" + Seed.CLARA + "/messages";
        seen.add(refused("an account that she is not assigned", asService.get(users), 403, "account-not-assigned"));

        portal.topics().publishRaw(portal.topic("actions"), "nobody", "{\"this is\":\"no event\"}");
        Seen poison = portal.topics()
                .await(
                        "the malformed event",
                        portal.topic("actions") + ".dead-letter",
                        Waiting.PATIENCE,
                        event -> event.data().path("this is").asText().equals("no event"));
        String reason = poison.attributes().getOrDefault("dead-letter-reason", "");
        claim(!reason.isEmpty(), "the dead letter says why", poison.attributes());
        seen.add("a malformed event → " + poison.topic() + ": " + reason);
        return seen;
    }

    private static String refused(String what, Answer answer, int status, String slug) {
        claim(
                answer.status() == status && answer.problem().equals(slug),
                what + " is answered " + status + " " + slug,
                answer);
        return what + " → " + status + " " + slug + ": "
                + answer.json().path("detail").asText();
    }

    @Override
    public void close() {
        if (portal != null) {
            portal.close();
        }
    }
}
