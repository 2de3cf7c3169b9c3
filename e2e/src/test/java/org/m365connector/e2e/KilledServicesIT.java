package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.m365connector.emulator.Seed;
import org.m365connector.local.demo.Administrator;
import org.m365connector.local.demo.Answer;
import org.m365connector.local.demo.Microsoft365;
import org.m365connector.local.demo.PlainBrowser;
import org.m365connector.local.demo.PortalEndpoint;
import org.m365connector.local.demo.PortalSide;
import org.m365connector.local.demo.Seen;
import org.m365connector.local.hunt.SecretHunt;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Person;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Suite;

/**
 * The main job again while each of the four services is killed (-9) in the middle and comes back: each action has exactly
 * one result and at most one effect, and every change arrives; by HTTP what is on the topics, in the order of its keys.
 */
class KilledServicesIT {
    /** What was under way when sync-service was killed waits for Kafka's session (10 s) or for the action's lease (12 s) to end. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** A worker may have been in the one dangerous moment of a post: between Graph's yes and the note of it. */
    private static final int MOST_UNKNOWN = 2;

    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final String BOT = "portal-bot";
    private static final String DEVICE_BOT = "device-bot";
    private static final long SEED = new Random().nextLong();
    private static final Random RANDOM = new Random(SEED);

    private static LocalSuite local;
    private static Administrator administrator;
    private static Microsoft365 microsoft;
    private static PortalSide portal;
    private static PortalEndpoint endpoint;
    private static String inbox;
    private static String channel;
    /** The last mail of the round before, which the portal knows of: it is deleted in the middle of the next. */
    private static Mail lastMail;

    /** A mail by its id in the mailbox; the changes name it by the id that outlives every move, and by its subject. */
    private record Mail(String id, String subject) {}

    /** What was asked for in one round, as text by action; and what others did, as subjects and ids. */
    private static final class Round {
        private final String mark = UUID.randomUUID().toString().substring(0, 8);
        private final Map<String, String> mails = new LinkedHashMap<>();
        private final Map<String, String> messages = new LinkedHashMap<>();
        /** Teams messages as the app, which no app may send. */
        private final Map<String, String> impossible = new LinkedHashMap<>();

        private final List<String> mailsOfOthers = new ArrayList<>();
        private final List<String> messagesOfOthers = new ArrayList<>();
        private int number;

        String next(String what) {
            return what + " " + ++number + " of " + mark;
        }

        List<String> actions() {
            List<String> all = new ArrayList<>(mails.keySet());
            all.addAll(messages.keySet());
            all.addAll(impossible.keySet());
            return all;
        }
    }

    @BeforeAll
    static void onboard() {
        System.out.println("seed of the kills: " + SEED);
        local = SharedSuite.get();
        Suite suite = local.suite();
        microsoft = new Microsoft365(suite.emulatorUrl().orElseThrow());
        administrator = new Administrator(suite);
        endpoint = new PortalEndpoint();
        Suite.DemoPortal onboarded = administrator.onboard("under-fire", List.of(endpoint.origin()));
        portal = new PortalSide(suite, onboarded);
        portal.deliverTo(endpoint);
        portal.publishUser(Person.ADA, Optional.of(Seed.ADA));
        portal.publishUser(Person.BEN, Optional.of(Seed.BEN));
        portal.publishUser(Person.CLARA, Optional.of(Seed.CLARA));
        administrator.register(portal.id(), local.tenant());
        administrator.addStaticAccount(portal.id(), BOT, Seed.PORTAL);
        administrator.addStaticAccount(portal.id(), DEVICE_BOT, Seed.PORTAL);
        signIn(
                administrator
                        .beginStaticLogin(portal.id(), BOT, "browser")
                        .path("loginUrl")
                        .asText(),
                Seed.PORTAL);
        administrator.assign(portal.id(), Person.CLARA, BOT);
        inbox = portal.watchInbox(Person.ADA, "service", Seed.ADA);
        channel = portal.watchChannel(Person.ADA, "service");
        eventually("watches are active", () -> assertThat(List.of(portal.watch(inbox), portal.watch(channel)))
                .allMatch(watch -> watch.path("state").asText().equals("active")));
        lastMail = arrives("Before the fire");
        eventually("the first mail has arrived", () -> assertThat(createdMails(lastMail.subject()))
                .isNotEmpty());
    }

    @AfterAll
    static void nothingSecretIsLeft() {
        SecretHunt hunt = new SecretHunt(SharedSuite.get());
        assertThat(hunt.inLogs()).isEmpty();
        assertThat(hunt.inEvents()).isEmpty();
        assertThat(hunt.inPostgres()).isEmpty();
    }

    @AfterAll
    static void close() {
        if (portal != null) {
            portal.unwatch(inbox);
            portal.unwatch(channel);
            portal.deliverNothing();
            portal.close();
        }
        endpoint.close();
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(Service.class)
    void everyActionHasOneResultAndEveryChangeArrivesWhenAServiceIsKilled(Service victim) throws InterruptedException {
        // Given ben, who has to sign in first and has begun to, as somebody has with a device code, and work for
        // everybody
        Round round = new Round();
        Mail deleted = lastMail;
        signOutBen();
        String bens = askAsBen(round);
        portal.awaitParked(bens);
        String link = portal.beginLogin(Person.BEN, "redirect")
                .expect(201)
                .json()
                .path("loginUrl")
                .asText();
        JsonNode device = administrator.beginStaticLogin(portal.id(), DEVICE_BOT, "device");
        long devicesGeneration = administrator
                .staticAccount(portal.id(), DEVICE_BOT)
                .path("generation")
                .asLong();
        String sent = portal.watchFolder(Person.ADA, "service", Seed.ADA, "sentitems");
        askForSome(round);
        othersDoSome(round);

        // When the service is killed in the middle of it, just after somebody new was assigned the bot, work goes on,
        // the portal tells of one more, and it comes back
        Thread.sleep(RANDOM.nextInt(400));
        String assignedBefore = somebodyNew();
        administrator.assign(portal.id(), assignedBefore, BOT);
        local.kill(victim);
        String toldOfMeanwhile = somebodyNew();
        askForSome(round);
        othersDoSome(round);
        microsoft.mailIsDeleted(Seed.ADA, deleted.id());
        local.restart(victim);
        administrator.assign(portal.id(), toldOfMeanwhile, BOT);
        askForSome(round);
        othersDoSome(round);
        signIn(link, Seed.BEN);
        enterDeviceCode(device);
        askAsTheBotOnceItMayActFor(assignedBefore, round);
        askAsTheBotOnceItMayActFor(toldOfMeanwhile, round);

        // Then
        Instant back = Instant.now();
        eventually("every action has a result", () -> assertThat(round.actions())
                .allSatisfy(action -> assertThat(portal.results(action))
                        .as(() -> portal.describe(action))
                        .isNotEmpty()));
        Duration results = Duration.between(back, Instant.now());
        eventually("every change has arrived", () -> {
            assertThat(round.mailsOfOthers)
                    .allSatisfy(subject -> assertThat(createdMails(subject)).isNotEmpty());
            assertThat(round.messagesOfOthers)
                    .allSatisfy(text -> assertThat(createdMessages(text)).isNotEmpty());
            assertThat(ofResource("mail-deleted.v1", resourceOf(deleted))).isNotEmpty();
        });
        Duration changes = Duration.between(back, Instant.now());
        eventually("the device login is done", () -> {
            JsonNode account = administrator.staticAccount(portal.id(), DEVICE_BOT);
            assertThat(account.path("state").asText()).isEqualTo("ready");
            assertThat(account.path("generation").asLong()).isGreaterThan(devicesGeneration);
        });
        eventually(
                "the watch that was being set up is active",
                () -> assertThat(portal.watch(sent).path("state").asText()).isEqualTo("active"));
        portal.unwatch(sent);
        Awaitility.await("nothing is told twice").during(QUIET).atMost(PATIENCE).until(() -> round.actions().stream()
                .allMatch(action -> portal.results(action).size() == 1));
        // Only now, since whatever happens twice may do so late.
        assertMailsWereSentOnce(round);
        int unknown = unknownAmongMessagesPostedOnceAtMost(round, bens);
        System.out.println(victim + " killed: " + round.mails.size() + " mails and " + round.messages.size()
                + " Teams messages, " + unknown + " of them outcome-unknown; all results " + results.toMillis()
                + " ms and all changes " + changes.toMillis() + " ms after its return");
        assertThat(unknown).isLessThanOrEqualTo(canBeInTheMiddleOfAPost(victim) ? MOST_UNKNOWN : 0);
        assertWhatIsImpossibleWasRefused(round);
        assertARepeatHasTheSameId();
        eventually("everything was delivered", () -> assertInOrder(deliveredByKey(), toldByKey()));
    }

    /** Until everybody has heard of it, which may take two seconds. */
    private static void signOutBen() {
        portal.signOut(Person.BEN).expect(204);
        Instant out = Instant.now();
        eventually(
                "ben is out",
                () -> assertThat(portal.graph(Person.BEN, "/v1.0/me").problem()).isEqualTo("login-required"));
        System.out.println("signed out: the proxy let him in for another "
                + Duration.between(out, Instant.now()).toMillis() + " ms");
    }

    private static String askAsBen(Round round) {
        String text = round.next("ben says");
        String action = portal.publishTeamsMessage(Person.BEN, Optional.empty(), text);
        round.messages.put(action, text);
        return action;
    }

    private static void askForSome(Round round) {
        for (int i = 0; i < 2; i++) {
            String subject = round.next("Milestone");
            String action = portal.publishMail(Person.ADA, Optional.of("service"), Seed.ADA, Seed.BEN, subject);
            round.mails.put(action, subject);
            String text = round.next("the bot says");
            round.messages.put(portal.publishTeamsMessage(Person.CLARA, Optional.empty(), text), text);
        }
        String text = round.next("the app says");
        round.impossible.put(portal.publishTeamsMessage(Person.ADA, Optional.of("service"), text), text);
    }

    /** Of whom the portal tells. */
    private static String somebodyNew() {
        String guid = (UUID.randomUUID().toString() + UUID.randomUUID())
                .replace("-", "")
                .substring(0, 40)
                .toUpperCase(Locale.ROOT);
        portal.publishUser(guid, "Somebody", "New", Optional.empty());
        return guid;
    }

    /** Until then the default would have to sign in. */
    private static void askAsTheBotOnceItMayActFor(String guid, Round round) {
        eventually("the bot may act for somebody new", () -> {
            Answer answer = portal.graph(guid, "/v1.0/me");
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        });
        String text = round.next("the bot says for somebody new");
        round.messages.put(portal.publishTeamsMessage(guid, Optional.empty(), text), text);
    }

    private static void othersDoSome(Round round) {
        String subject = round.next("From outside");
        lastMail = arrives(subject);
        round.mailsOfOthers.add(subject);
        round.messagesOfOthers.add(microsoft.messageIsPosted(Seed.CLARA, round.next("clara says")));
    }

    private static void enterDeviceCode(JsonNode device) {
        try (PlainBrowser browser = new PlainBrowser()) {
            browser.signInDevice(
                    device.path("verificationUri").asText(),
                    device.path("userCode").asText(),
                    Seed.PORTAL,
                    Seed.PASSWORD);
        }
    }

    /** Sync posts, and the proxy is what it posts through; whoever else is killed costs no certainty. */
    private static boolean canBeInTheMiddleOfAPost(Service victim) {
        return victim == Service.SYNC || victim == Service.PROXY;
    }

    /** One state of one resource is one event, however often and by whichever path it was found. */
    private static void assertARepeatHasTheSameId() {
        Map<String, Set<String>> ids = new HashMap<>();
        for (Seen change : portal.topics().all(event -> event.topic().endsWith(".changes"))) {
            String state = change.type() + " " + change.data().path("container").asText() + " "
                    + change.data().at("/resource/id").asText() + " "
                    + change.data().at("/resource/etag").asText();
            if (change.type().equals("watch-progressed.v1")) {
                state += change.data();
            }
            ids.computeIfAbsent(state, key -> new HashSet<>())
                    .add(change.attribute("id").orElseThrow());
        }
        assertThat(ids).allSatisfy((state, found) -> assertThat(found).as(state).hasSize(1));
    }

    /** Ids of events by topic and key, in their order; a repeat has come before. */
    private static Map<String, Set<String>> toldByKey() {
        return byKey(portal.topics()
                .all(event -> event.topic().endsWith(".changes")
                        || event.topic().endsWith(".results")
                        || event.topic().endsWith(".logins")));
    }

    /** Sets are equal whatever their order. */
    private static void assertInOrder(Map<String, Set<String>> delivered, Map<String, Set<String>> told) {
        assertThat(delivered.keySet()).isEqualTo(told.keySet());
        told.forEach((key, ids) -> assertThat(delivered.get(key)).as(key).containsExactlyElementsOf(ids));
    }

    private static Map<String, Set<String>> deliveredByKey() {
        return byKey(endpoint.delivered());
    }

    private static Map<String, Set<String>> byKey(List<Seen> events) {
        Map<String, Set<String>> ids = new HashMap<>();
        for (Seen event : events) {
            String kind = event.topic().substring(event.topic().lastIndexOf('.') + 1);
            String key = URLDecoder.decode(event.key().replace("+", "%2B"), StandardCharsets.UTF_8);
            ids.computeIfAbsent(kind + " " + key, first -> new LinkedHashSet<>())
                    .add(event.attribute("id").orElseThrow());
        }
        return ids;
    }

    private static void assertMailsWereSentOnce(Round round) {
        assertThat(round.mails.keySet())
                .allSatisfy(action ->
                        assertThat(outcome(action)).as(portal.describe(action)).isEqualTo("done"));
        assertThat(subjects(microsoft.mailsAbout(Seed.BEN, "inbox", round.mark)))
                .containsExactlyInAnyOrderElementsOf(round.mails.values());
        assertThat(subjects(microsoft.mailsAbout(Seed.ADA, "sentitems", round.mark)))
                .containsExactlyInAnyOrderElementsOf(round.mails.values());
    }

    private static List<String> subjects(List<JsonNode> mails) {
        return mails.stream().map(mail -> mail.path("subject").asText()).toList();
    }

    private static int unknownAmongMessagesPostedOnceAtMost(Round round, String bens) {
        Map<String, List<String>> authors = new HashMap<>();
        for (JsonNode message : microsoft.channelMessages(round.mark)) {
            authors.computeIfAbsent(message.at("/body/content").asText(), text -> new ArrayList<>())
                    .add(message.at("/from/user/id").asText());
        }
        int unknown = 0;
        for (Map.Entry<String, String> message : round.messages.entrySet()) {
            String outcome = outcome(message.getKey());
            List<String> posted = authors.getOrDefault(message.getValue(), List.of());
            String author = message.getKey().equals(bens) ? Seed.BEN_OID : Seed.PORTAL_OID;
            assertThat(outcome).as(portal.describe(message.getKey())).isIn("done", "outcome-unknown");
            if (outcome.equals("outcome-unknown") && posted.isEmpty()) {
                unknown++;
            } else {
                assertThat(posted).as(message.getValue()).containsExactly(author);
                unknown += outcome.equals("done") ? 0 : 1;
            }
        }
        assertThat(round.impossible.values()).doesNotContainAnyElementsOf(authors.keySet());
        return unknown;
    }

    private static String outcome(String action) {
        return portal.results(action).get(0).outcome();
    }

    private static void assertWhatIsImpossibleWasRefused(Round round) {
        assertThat(round.impossible.keySet()).allSatisfy(action -> {
            Seen result = portal.results(action).get(0);
            assertThat(result.outcome()).as("%s", result.data()).isEqualTo("rejected");
            assertThat(result.problem()).isEqualTo("app-only-not-supported");
        });
    }

    private static List<Seen> createdMails(String subject) {
        return portal.topics()
                .all(event -> event.type().equals("mail-created.v1")
                        && event.data().at("/resource/subject").asText().equals(subject));
    }

    private static List<Seen> createdMessages(String id) {
        return portal.topics()
                .all(event -> event.type().equals("channel-message-created.v1")
                        && event.data().at("/resource/id").asText().equals(id));
    }

    private static Mail arrives(String subject) {
        return new Mail(microsoft.mailArrives(Seed.ADA, subject), subject);
    }

    private static String resourceOf(Mail mail) {
        return createdMails(mail.subject()).get(0).data().at("/resource/id").asText();
    }

    private static List<Seen> ofResource(String type, String id) {
        return portal.topics()
                .all(event -> event.type().equals(type)
                        && event.data().at("/resource/id").asText().equals(id));
    }

    private static void signIn(String link, String upn) {
        try (PlainBrowser browser = new PlainBrowser()) {
            browser.signInByLink(link, upn, Seed.PASSWORD);
        }
    }

    private static void eventually(String what, Runnable assertion) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(assertion::run);
    }
}
