package org.m365connector.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Pins the JSON of every event's data. A golden file that has to change is a change of the contract with every portal: give the
 * type a new version instead.
 */
class GoldenTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path ASYNCAPI = Path.of("../../docs/asyncapi.yaml");

    private static final ObjectMapper JSON = EventCodec.json();
    private static final PortalId DEMO = new PortalId("demo");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalUser BEN = new PortalUser("0B0000000000000000000000000000000000000B");
    private static final AccountName TEAM_BOT = new AccountName("team-bot");
    private static final String CLIENT_ID = "c0ffee00-1111-4222-8333-444455556666";
    private static final String PLACE = "8a6c1c1f-7a0e-3b5e-9c0e-0a4d3f1b2c6d";
    private static final String REPLICA = "3f0c8d5e-1a01-4c1b-9a52-7e0ad5c12f4a";
    private static final Body HTML = new Body("html", "<b>Milestone</b> reached");

    private static final Map<String, Object> SAMPLES = Map.ofEntries(
            Map.entry(PortalRecord.TYPE, portal(PortalState.ACTIVE)),
            Map.entry(PortalRecord.ENDING, portal(PortalState.ENDING)),
            Map.entry(RegistrationRecord.MADE, registration(RegistrationState.COMPLETE)),
            Map.entry(RegistrationRecord.CHANGED, registration(RegistrationState.ENDING)),
            Map.entry(RegistrationRecord.ENDING, registration(RegistrationState.ENDING)),
            Map.entry(
                    AccountRecord.TYPE,
                    new AccountRecord(
                            DEMO,
                            MAIN,
                            AccountId.ofUser(BEN),
                            5,
                            AccountState.NEEDS_LOGIN,
                            Optional.of("login-required"),
                            Optional.of("ben@contoso.example"),
                            Optional.of("7e0ad5c1-2f4a-4c1b-9a52-3f0c8d5e1a01"),
                            Optional.of("b0000000-0000-4000-8000-00000000000b"),
                            Optional.of(AccountType.WORK),
                            2)),
            Map.entry(
                    AssignmentsRecord.TYPE,
                    new AssignmentsRecord(
                            DEMO,
                            MAIN,
                            BEN,
                            7,
                            List.of(
                                    new AssignmentsRecord.Account(AccountName.CURRENT_USER, true),
                                    new AssignmentsRecord.Account(
                                            AccountName.SERVICE,
                                            false,
                                            Optional.of(new Narrowing(
                                                    Optional.of(
                                                            List.of(
                                                                    new Narrowing.Operation(
                                                                            "GET", "/users/{id}/messages/**"))),
                                                    Optional.of(Narrowing.OWN),
                                                    Optional.of(List.of("02bd9fd6-8f93-4758-87c3-1fb73740a315")),
                                                    Optional.of(List.of()),
                                                    Optional.of("ben@contoso.example")))),
                                    new AssignmentsRecord.Account(TEAM_BOT, false)),
                            Optional.of(new PortalUser("0C0000000000000000000000000000000000000C")),
                            Optional.of(new DecidingRule(DecidingRule.Kind.GROUP, Optional.of("sales"))))),
            Map.entry(
                    PortalUserChanged.TYPE,
                    new PortalUserChanged(
                            BEN, Map.of("emailBiz", "ben@contoso.example"), List.of("sales"), List.of("editor"))),
            Map.entry(
                    ReplicaAlive.TYPE,
                    new ReplicaAlive(
                            REPLICA, false, Optional.of(List.of(REPLICA)), Optional.of(2), Optional.of(PLACE))),
            Map.entry(
                    ScopeThrottled.TYPE,
                    new ScopeThrottled(CLIENT_ID, "mailbox/b0000000-0000-4000-8000-00000000000b", REPLICA, 13_000)),
            Map.entry(
                    ScopeHeld.TYPE,
                    new ScopeHeld(
                            CLIENT_ID,
                            REPLICA,
                            "mailbox/b0000000-0000-4000-8000-00000000000b/outlook#at-once",
                            4,
                            3,
                            2,
                            Optional.of(REPLICA + "#17"))),
            Map.entry(
                    ScopeUsed.TYPE,
                    new ScopeUsed(
                            CLIENT_ID,
                            REPLICA,
                            "mailbox/b0000000-0000-4000-8000-00000000000b/outlook",
                            10_000,
                            600_000,
                            312)),
            Map.entry(
                    TurnTaken.TYPE,
                    new TurnTaken(
                            CLIENT_ID, REPLICA, 17, List.of(new TurnTaken.Part("channel/t/c/channel", 1, 1000, 1)))),
            Map.entry(TurnEnded.TYPE, new TurnEnded(CLIENT_ID, REPLICA, 17)),
            Map.entry(
                    GraphCalled.TYPE,
                    new GraphCalled(
                            DEMO,
                            MAIN,
                            Optional.of(BEN),
                            Optional.of(AccountId.ofUser(BEN)),
                            Optional.of(7L),
                            Optional.of(new DecidingRule(DecidingRule.Kind.GROUP, Optional.of("sales"))),
                            "POST /$batch",
                            List.of("GET /me/messages/{id}", "POST /me/sendmail"),
                            "answered",
                            "2xx",
                            200,
                            412,
                            1730,
                            84,
                            Optional.of("93b6f17e-c05d-4f45-ad2a-6665c708d8a0"),
                            Optional.of("e70c5c1b-8b47-68c0-3171-3d22f5e0bd54"))),
            Map.entry(PortalUserRemoved.TYPE, new PortalUserRemoved(BEN)),
            Map.entry(
                    PortalGroupChanged.TYPE,
                    new PortalGroupChanged("sales", Optional.of("Sales"), Optional.of(10), List.of("staff"))),
            Map.entry(PortalGroupRemoved.TYPE, new PortalGroupRemoved("sales")),
            Map.entry(PortalRoleChanged.TYPE, new PortalRoleChanged("editor", Optional.of("Editor"))),
            Map.entry(PortalRoleRemoved.TYPE, new PortalRoleRemoved("editor")),
            Map.entry(
                    MailSend.TYPE,
                    new MailSend(
                            Optional.of("ada@contoso.example"),
                            new MailSend.Message(
                                    "Milestone", HTML, List.of("clara@contoso.example"), List.of(), List.of()))),
            Map.entry(
                    WatchRequest.TYPE,
                    new WatchRequest(
                            "mail-folder",
                            JSON.createObjectNode().put("folder", "inbox"),
                            Optional.of(JSON.createObjectNode()
                                    .put("from", "@contoso.example")
                                    .put("unread", true)),
                            true,
                            false,
                            true)),
            Map.entry(
                    TeamsMessageSend.TYPE,
                    new TeamsMessageSend(
                            new TeamsMessageSend.Channel(
                                    "02bd9fd6-8f93-4758-87c3-1fb73740a315", "19:milestones@thread.tacv2"),
                            Optional.of("1616990032035"),
                            HTML)),
            Map.entry(
                    ActionCompleted.TYPE,
                    new ActionCompleted(
                            Outcome.OUTCOME_UNKNOWN,
                            Map.of("messageId", "1616990032035"),
                            Map.of("web", "https://teams.example/l/message/1616990032035"),
                            Optional.of(Map.of("type", "/problems/outcome-unknown", "status", 502)))),
            Map.entry(
                    ActionParked.TYPE,
                    new ActionParked(
                            "login-required",
                            Optional.of("https://login.example/login/ticket"),
                            Instant.parse("2026-11-23T10:00:00Z"))),
            Map.entry(
                    LoginRequired.TYPE,
                    new LoginRequired(
                            Optional.of(BEN),
                            MAIN,
                            AccountName.CURRENT_USER,
                            "https://login.example/login/ticket",
                            Instant.parse("2026-11-22T10:15:00Z"),
                            "login-required")),
            Map.entry(
                    LoginCompleted.TYPE,
                    new LoginCompleted(Optional.of(BEN), MAIN, AccountName.CURRENT_USER, "ben@contoso.example")),
            Map.entry(
                    LoginFailed.TYPE,
                    new LoginFailed(Optional.of(BEN), MAIN, AccountName.CURRENT_USER, "wrong-person")),
            Map.entry(SignedOut.TYPE, new SignedOut(Optional.empty(), MAIN, TEAM_BOT)),
            Map.entry(
                    AttentionNeeded.TYPE,
                    new AttentionNeeded(
                            "17",
                            "credential-expiring",
                            Optional.of(MAIN),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of("5b1d3c1e-7a2f-4a53-8f3f-0d2c1b0a9f8e"),
                            Instant.parse("2026-11-22T10:00:00Z"),
                            Optional.of(Instant.parse("2026-11-29T10:00:00Z")))),
            Map.entry(
                    AttentionOver.TYPE,
                    new AttentionOver(
                            "18",
                            "account-needs-login",
                            Optional.of(MAIN),
                            Optional.of(TEAM_BOT),
                            Optional.empty(),
                            Optional.empty())),
            Map.entry(Change.Kind.CREATED.type(Change.MAIL), change("{\"id\":\"AAMkAD=\",\"subject\":\"Hello\"}")),
            Map.entry(Change.Kind.UPDATED.type(Change.MAIL), change("{\"id\":\"AAMkAD=\",\"isRead\":true}")),
            Map.entry(Change.Kind.DELETED.type(Change.MAIL), change("{\"id\":\"AAMkAD=\"}")),
            Map.entry(
                    Change.Kind.CREATED.type(Change.MAIL_FOLDER),
                    change("{\"id\":\"AAMkAF=\",\"displayName\":\"Orders\"}")),
            Map.entry(
                    Change.Kind.UPDATED.type(Change.MAIL_FOLDER),
                    change("{\"id\":\"AAMkAF=\",\"displayName\":\"Orders\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.MAIL_FOLDER), change("{\"id\":\"AAMkAF=\"}")),
            Map.entry(
                    Change.Kind.CREATED.type(Change.CONTACT),
                    change("{\"id\":\"AAkALc=\",\"displayName\":\"Grace Hopper\"}")),
            Map.entry(
                    Change.Kind.UPDATED.type(Change.CONTACT),
                    change("{\"id\":\"AAkALc=\",\"displayName\":\"Grace Hopper\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.CONTACT), change("{\"id\":\"AAkALc=\"}")),
            Map.entry(Change.Kind.CREATED.type(Change.DRIVE_ITEM), change("{\"id\":\"01ABC\",\"name\":\"Plan.txt\"}")),
            Map.entry(Change.Kind.UPDATED.type(Change.DRIVE_ITEM), change("{\"id\":\"01ABC\",\"name\":\"Plan.txt\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.DRIVE_ITEM), change("{\"id\":\"01ABC\"}")),
            Map.entry(Change.Kind.CREATED.type(Change.EVENT), change("{\"id\":\"AAMkAG=\",\"subject\":\"Review\"}")),
            Map.entry(Change.Kind.UPDATED.type(Change.EVENT), change("{\"id\":\"AAMkAG=\",\"subject\":\"Review\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.EVENT), change("{\"id\":\"AAMkAG=\"}")),
            Map.entry(
                    Change.Kind.CREATED.type(Change.CHAT_MESSAGE), change("{\"id\":\"1616990032035\",\"etag\":\"1\"}")),
            Map.entry(
                    Change.Kind.UPDATED.type(Change.CHAT_MESSAGE), change("{\"id\":\"1616990032035\",\"etag\":\"1\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.CHAT_MESSAGE), change("{\"id\":\"1616990032035\"}")),
            Map.entry(Change.Kind.CREATED.type(Change.CHAT), change("{\"id\":\"19:a\",\"topic\":\"Lunch\"}")),
            Map.entry(Change.Kind.UPDATED.type(Change.CHAT), change("{\"id\":\"19:a\",\"topic\":\"Lunch\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.CHAT), change("{\"id\":\"19:a\"}")),
            Map.entry(Change.Kind.CREATED.type(Change.CHANNEL), change("{\"id\":\"19:c\",\"displayName\":\"Risks\"}")),
            Map.entry(Change.Kind.UPDATED.type(Change.CHANNEL), change("{\"id\":\"19:c\",\"displayName\":\"Risks\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.CHANNEL), change("{\"id\":\"19:c\"}")),
            Map.entry(
                    Change.Kind.CREATED.type(Change.CHANNEL_MESSAGE),
                    change("{\"id\":\"1616990032035\",\"etag\":\"1\"}")),
            Map.entry(
                    Change.Kind.UPDATED.type(Change.CHANNEL_MESSAGE),
                    change("{\"id\":\"1616990032035\",\"etag\":\"2\"}")),
            Map.entry(Change.Kind.DELETED.type(Change.CHANNEL_MESSAGE), change("{\"id\":\"1616990032035\"}")),
            Map.entry(
                    WatchProgressed.TYPE,
                    new WatchProgressed(
                            "5b1d3c1e-7a2f-4a53-8f3f-0d2c1b0a9f8e",
                            "users/a/mailFolders/b",
                            WatchProgressed.Sync.FIRST,
                            Instant.parse("2026-11-22T10:00:00Z"),
                            7,
                            350,
                            false)),
            Map.entry(
                    NotificationHint.TYPE,
                    new NotificationHint(
                            "5b1d3c1e-7a2f-4a53-8f3f-0d2c1b0a9f8e",
                            "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
                            Optional.of("created"),
                            Optional.of("Users/a/Messages/b"),
                            Optional.of("W/\"CQAAABYA\""),
                            Optional.empty(),
                            Optional.of(new EncryptedResource(
                                    "ZGF0YQ==",
                                    "a2V5",
                                    "c2lnbmF0dXJl",
                                    "2026-11-22-1",
                                    "b",
                                    Optional.of("W/\"CQAAABYA\""),
                                    "7e0ad5c1-2f4a-4c1b-9a52-3f0c8d5e1a01",
                                    List.of("e30.e30.c2ln"))))));

    @TestFactory
    Stream<DynamicTest> everyTypeLooksLikeItsGoldenFileAndReadsBackEqual() {
        return SAMPLES.entrySet().stream()
                .map(sample -> DynamicTest.dynamicTest(sample.getKey(), () -> {
                    JsonNode golden = JSON.readTree(
                            GOLDEN.resolve(sample.getKey() + ".json").toFile());
                    assertThat(JSON.readTree(EventCodec.bytes(sample.getValue())))
                            .isEqualTo(golden);
                    assertThat((Object)
                                    JSON.treeToValue(golden, sample.getValue().getClass()))
                            .isEqualTo(sample.getValue());
                }));
    }

    @Test
    void earlierRecordsThatSayTheOwnMailboxByItsNameAreStillRead() throws IOException {
        Narrowing read = JSON.readValue("{\"mailbox\":\"ben@contoso.example\"}", Narrowing.class);

        assertThat(read).isEqualTo(Narrowing.ofMailbox("ben@contoso.example"));
        assertThat(read.meansOwnMailbox()).isFalse();
        assertThat(JSON.readTree(EventCodec.bytes(read)))
                .as("and what says nothing more, is written as before")
                .isEqualTo(JSON.readTree("{\"mailbox\":\"ben@contoso.example\"}"));
    }

    @Test
    void everyGoldenFileBelongsToATypeAndTheOtherWayRound() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".json", "")))
                    .containsExactlyInAnyOrderElementsOf(SAMPLES.keySet());
        }
    }

    @Test
    void everyTypeIsDescribedInTheAsyncApiDocument() throws IOException {
        String document = Files.readString(ASYNCAPI);
        assertThat(SAMPLES.keySet()).allSatisfy(type -> assertThat(document).contains("const: " + type));
    }

    private static PortalRecord portal(PortalState state) {
        return new PortalRecord(
                DEMO,
                3,
                "Demo",
                "de",
                List.of("https://portal.contoso.example"),
                List.of("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                state,
                Optional.of(new Entitlement(
                        Optional.of(Instant.parse("2026-01-01T00:00:00Z")),
                        Optional.of(Instant.parse("2027-01-01T00:00:00Z")),
                        Optional.of(Set.of("teams-send", "mail-send")),
                        Optional.of(50))));
    }

    private static RegistrationRecord registration(RegistrationState state) {
        return new RegistrationRecord(
                DEMO,
                MAIN,
                4,
                "global",
                "https://graph.microsoft.com",
                Optional.of("7e0ad5c1-2f4a-4c1b-9a52-3f0c8d5e1a01"),
                Optional.of("c0ffee00-1111-4222-8333-444455556666"),
                AccountTypes.BUSINESS,
                "emailBiz",
                List.of("mail-send", "teams-send"),
                new PortalUser("0A0000000000000000000000000000000000000A"),
                state);
    }

    private static Change change(String resource) {
        try {
            return new Change(
                    "5b1d3c1e-7a2f-4a53-8f3f-0d2c1b0a9f8e",
                    "users/a/mailFolders/b",
                    JSON.readTree(resource),
                    Optional.of(List.of("isRead")),
                    Optional.of("7d0c"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
