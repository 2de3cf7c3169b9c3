package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.m365connector.emulator.Seed;
import org.m365connector.local.suite.LocalException;

/** What people in Microsoft 365 do while the suite watches: they get, change, move and delete mail, plan, and talk in channels and chats. */
final class LedgerActivity {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PEOPLE = List.of(Seed.ADA, Seed.BEN, Seed.CLARA);
    private static final List<String> CHATS = List.of(Seed.CHAT_ID, LedgerStage.ANOTHER_CHAT);
    private static final List<String> CHANNELS = List.of(Seed.GENERAL, Seed.MILESTONES);

    private final LedgerStage stage;
    private final Random random;
    private final LedgerCalendars calendars;
    private final Map<String, List<String>> mails = new LinkedHashMap<>();
    private final Map<String, List<String>> messages = new LinkedHashMap<>();
    private int number;

    LedgerActivity(LedgerStage stage, long seed) {
        this.stage = stage;
        this.random = new Random(seed);
        this.calendars = new LedgerCalendars(stage, random);
        PEOPLE.forEach(person -> mails.put(person, new ArrayList<>()));
        CHATS.forEach(chat -> messages.put(chat, new ArrayList<>()));
        CHANNELS.forEach(channel -> messages.put(channel, new ArrayList<>()));
    }

    /**
     * So many things, at fixed moments, and something else beside them.
     *
     * @return what the other has returned, when both are over
     */
    int runBeside(int count, double perSecond, IntSupplier other) {
        ExecutorService people = Executors.newSingleThreadExecutor();
        try {
            Future<?> done = people.submit(() -> run(count, perSecond));
            int result = other.getAsInt();
            done.get();
            return result;
        } catch (ExecutionException e) {
            throw new LocalException("People cannot go on: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while things were being done", e);
        } finally {
            people.shutdownNow();
        }
    }

    private void run(int count, double perSecond) {
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = begin + (long) (i * 1e9 / perSecond);
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            number++;
            int dice = random.nextInt(100);
            if (dice < 60) {
                doWithMail();
            } else if (dice < 75) {
                calendars.act(number);
            } else if (dice < 87) {
                doInChannel();
            } else {
                doInChat();
            }
        }
    }

    private void doWithMail() {
        String mailbox = PEOPLE.get(random.nextInt(PEOPLE.size()));
        List<String> there = mails.get(mailbox);
        int dice = random.nextInt(100);
        if (dice < 45 || there.isEmpty()) {
            ObjectNode mail = mail("create", mailbox).put("subject", "Mail " + number);
            there.add(stage.activity(mail.put("folder", random.nextInt(5) == 0 ? "archive" : "inbox"))
                    .path("immutableId")
                    .asText());
            return;
        }
        int at = random.nextInt(there.size());
        String id = there.get(at);
        if (dice < 70) {
            ObjectNode change = mail("update", mailbox).put("id", id);
            change.putObject("change").put("isRead", random.nextBoolean()).put("subject", "Mail " + number);
            stage.activity(change);
        } else if (dice < 80) {
            stage.activity(
                    mail("move", mailbox).put("id", id).put("destination", random.nextBoolean() ? "archive" : "inbox"));
        } else {
            there.remove(at);
            stage.activity(mail("delete", mailbox).put("id", id).put("forGood", random.nextBoolean()));
        }
    }

    private void doInChat() {
        String chat = CHATS.get(random.nextInt(CHATS.size()));
        List<String> there = messages.get(chat);
        int dice = random.nextInt(100);
        ObjectNode message = JSON.createObjectNode()
                .put("kind", "chatMessage")
                .put("chat", chat)
                .put("content", "Message " + number);
        if (dice < 60 || there.isEmpty()) {
            there.add(stage.activity(message.put("user", PEOPLE.get(random.nextInt(PEOPLE.size()))))
                    .path("id")
                    .asText());
        } else if (dice < 80) {
            stage.activity(message.put("op", "update").put("id", there.get(random.nextInt(there.size()))));
        } else {
            stage.activity(message.put("op", "delete").put("id", there.remove(random.nextInt(there.size()))));
        }
    }

    private static ObjectNode mail(String op, String mailbox) {
        return JSON.createObjectNode().put("kind", "mail").put("op", op).put("mailbox", mailbox);
    }

    private void doInChannel() {
        String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
        List<String> there = messages.get(channel);
        int dice = random.nextInt(100);
        if (dice < 60 || there.isEmpty()) {
            ObjectNode message = message("create", channel)
                    .put("user", PEOPLE.get(random.nextInt(PEOPLE.size())))
                    .put("content", "Message " + number);
            JsonNode made = stage.activity(message);
            there.add(made.path("id").asText());
        } else if (dice < 80) {
            String id = there.get(random.nextInt(there.size()));
            stage.activity(message("update", channel).put("id", id).put("content", "Message " + number));
        } else {
            String id = there.remove(random.nextInt(there.size()));
            stage.activity(message("delete", channel).put("id", id));
        }
    }

    private static ObjectNode message(String op, String channel) {
        return JSON.createObjectNode()
                .put("kind", "channelMessage")
                .put("op", op)
                .put("team", Seed.TEAM_NAME)
                .put("channel", channel);
    }
}
