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
        private final List<String> mailsOfOthers = new ArrayList<>();
        private final List<String> messagesOfOthers = new ArrayList<>();
        private int number;

        String next(String what) {
            return what + " " + ++number + " of " + mark;
        }

        List<String> actions() {
            List<String> all = new ArrayList<>(mails.keySet());
            all.addAll(messages.keySet());
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

        // When the service is killed in the middle of it, work goes on, and it comes back
        Thread.sleep(RANDOM.nextInt(400));
        local.kill(victim);
        askForSome(round);
        othersDoSome(round);
        microsoft.mailIsDeleted(Seed.ADA, deleted.id());
        local.restart(victim);
        askForSome(round);
        othersDoSome(round);
        signIn(link, Seed.BEN);
        enterDeviceCode(device);

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
        assertMailsWereSentOnce(round);
        int unknown = unknownAmongMessagesPostedOnceAtMost(round);
        System.out.println(victim + " killed: " + round.mails.size() + " mails and " + round.messages.size()
                + " Teams messages, " + unknown + " of them outcome-unknown; all results " + results.toMillis()
                + " ms and all changes " + changes.toMillis() + " ms after its return");
        assertThat(unknown).isLessThanOrEqualTo(canBeInTheMiddleOfAPost(victim) ? MOST_UNKNOWN : 0);
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
        assertARepeatHasTheSameId();
        eventually("everything was delivered", () -> assertInOrder(deliveredByKey(), toldByKey()));
        assertThat(microsoft.channelMessages(round.messages.get(bens)))
                .allSatisfy(message ->
                        assertThat(message.at("/from/user/id").asText()).isEqualTo(Seed.BEN_OID));
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
        round.mails.forEach((action, subject) -> {
            Seen result = portal.results(action).get(0);
            assertThat(result.outcome()).as("%s", result.data()).isEqualTo("done");
            assertThat(microsoft.mails(Seed.BEN, "inbox", subject)).hasSize(1);
            assertThat(microsoft.mails(Seed.ADA, "sentitems", subject)).hasSize(1);
        });
    }

    private static int unknownAmongMessagesPostedOnceAtMost(Round round) {
        int unknown = 0;
        for (Map.Entry<String, String> message : round.messages.entrySet()) {
            Seen result = portal.results(message.getKey()).get(0);
            List<JsonNode> posted = microsoft.channelMessages(message.getValue());
            assertThat(result.outcome()).as("%s", result.data()).isIn("done", "outcome-unknown");
            if (result.outcome().equals("done")) {
                assertThat(posted).hasSize(1);
            } else {
                unknown++;
                assertThat(posted).hasSizeLessThanOrEqualTo(1);
            }
        }
        return unknown;
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
