package org.m365connector.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.m365connector.emulator.Seed;
import org.m365connector.local.suite.Processes;

/**
 * What really happened in Microsoft 365: looks into mailboxes and channels over Graph with an application of its own, and
 * through the emulator's control door.
 */
public final class Microsoft365 {
    private static final String OBSERVER = "0b5e77e7-0b5e-4b5e-8b5e-0b5e77e70b5e";
    private static final String OBSERVERS_SECRET = "what-the-observer-proves-itself-with";

    private final Rest emulator;
    private String token = "";
    private Instant tokenEnds = Instant.MIN;

    public Microsoft365(String emulatorUrl) {
        emulator = Rest.at(emulatorUrl);
    }

    /** The messages of a mailbox with this subject, whatever folder they are in. */
    public List<JsonNode> mails(String upn, String subject) {
        return pages(
                "/v1.0/users/" + upn + "/messages?$top=50",
                mail -> subject.equals(mail.path("subject").asText()));
    }

    /** The messages of a folder with this subject. */
    public List<JsonNode> mails(String upn, String folder, String subject) {
        return pages(
                folder(upn, folder), mail -> subject.equals(mail.path("subject").asText()));
    }

    /** The messages of a folder whose subject contains this. */
    public List<JsonNode> mailsAbout(String upn, String folder, String part) {
        return pages(folder(upn, folder), mail -> mail.path("subject").asText().contains(part));
    }

    /** The messages of the channel "Milestones" that contain this text. */
    public List<JsonNode> channelMessages(String text) {
        return pages(
                channel() + "/messages?$top=50",
                message -> message.path("body").path("content").asText().contains(text));
    }

    /** Every request since then that is not one of ours, and fits. */
    public List<JsonNode> requests(Instant since, Predicate<JsonNode> wanted) {
        List<JsonNode> found = new ArrayList<>();
        JsonNode log =
                emulator.get("/_emulator/requests?since=" + since).expect(200).json();
        log.path("requests").forEach(request -> {
            if (wanted.test(request)) {
                found.add(request);
            }
        });
        return found;
    }

    /** Somebody outside sends a mail. Answers its id in the mailbox. */
    public String mailArrives(String mailbox, String subject) {
        ObjectNode mail = Json.object().put("kind", "mail").put("op", "create").put("mailbox", mailbox);
        return made(activity(mail.put("subject", subject)));
    }

    /** Somebody deletes a mail. */
    public void mailIsDeleted(String mailbox, String id) {
        ObjectNode mail = Json.object().put("kind", "mail").put("op", "delete").put("mailbox", mailbox);
        activity(mail.put("id", id));
    }

    /** Somebody writes into the channel "Milestones". Answers the message's id. */
    public String messageIsPosted(String upn, String text) {
        ObjectNode message = Json.object().put("kind", "channelMessage").put("op", "create");
        message.put("user", upn).put("team", Seed.TEAM_NAME).put("channel", Seed.MILESTONES);
        return made(activity(message.put("content", text)));
    }

    /** Somebody does something. */
    private JsonNode activity(ObjectNode what) {
        Answer answer = emulator.post("/_emulator/activity", what);
        if (answer.status() / 100 != 2) {
            answer.expect(200);
        }
        return answer.text().isEmpty() ? Json.object() : answer.json();
    }

    /** The id of what an activity has made. */
    private static String made(JsonNode activity) {
        return activity.at("/ids/0").asText();
    }

    private static String folder(String upn, String folder) {
        return "/v1.0/users/" + upn + "/mailFolders/" + folder + "/messages?$top=50";
    }

    private static String channel() {
        return "/v1.0/teams/" + Seed.TEAM_ID + "/channels/" + Forms.encode(Seed.MILESTONES_ID);
    }

    private List<JsonNode> pages(String path, Predicate<JsonNode> wanted) {
        List<JsonNode> found = new ArrayList<>();
        String next = path;
        while (!next.isEmpty()) {
            JsonNode page = graph(next).json();
            page.path("value").forEach(item -> {
                if (wanted.test(item)) {
                    found.add(item);
                }
            });
            next = page.path("@odata.nextLink").asText("");
        }
        return found;
    }

    private Answer graph(String path) {
        Answer answer = emulator.bearer(token()).get(path);
        while (answer.status() == 429) {
            Processes.pause(Duration.ofSeconds(1));
            answer = emulator.bearer(token()).get(path);
        }
        return answer.expect(200);
    }

    private String token() {
        if (Instant.now().isAfter(tokenEnds)) {
            // Not the suite's: what is looked at here must not count against what Graph lets the suite's app do.
            ObjectNode observer = Json.object().put("create", true);
            observer.putArray("secrets").add(OBSERVERS_SECRET);
            observer.putArray("grants").add("Mail.Read").add("ChannelMessage.Read.All");
            emulator.post("/_emulator/apps/" + OBSERVER, observer);
            JsonNode answer = emulator.postForm(
                            "/" + Seed.TENANT_ID + "/oauth2/v2.0/token",
                            Map.of(
                                    "grant_type",
                                    "client_credentials",
                                    "client_id",
                                    OBSERVER,
                                    "client_secret",
                                    OBSERVERS_SECRET,
                                    "scope",
                                    "https://graph.microsoft.com/.default"))
                    .expect(200)
                    .json();
            token = answer.path("access_token").asText();
            tokenEnds = Instant.now().plusSeconds(answer.path("expires_in").asLong() / 2);
        }
        return token;
    }
}
