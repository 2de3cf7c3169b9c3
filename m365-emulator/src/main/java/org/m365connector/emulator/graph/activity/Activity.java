package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.mail.Mail;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.switches.Later;
import org.m365connector.emulator.graph.teams.Teams;

/**
 * Somebody in Microsoft 365 does something, as {@code POST /_emulator/activity} says.
 *
 * <pre>
 * {"kind":"mail","op":"create","mailbox":"ada@contoso.example","folder":"inbox","subject":"Hi","from":"ben@contoso.example"}
 * {"kind":"mail","op":"update","mailbox":"ada@contoso.example","id":"AAMk…","change":{"isRead":true}}
 * {"kind":"mail","op":"move","mailbox":"ada@contoso.example","id":"AAMk…","destination":"archive"}
 * {"kind":"mail","op":"delete","mailbox":"ada@contoso.example","id":"AAMk…","forGood":true}
 * {"kind":"channelMessage","op":"create","team":"Project Phoenix","channel":"General","user":"ben@contoso.example","content":"Hi"}
 * {"kind":"channelMessage","op":"delete","channel":"General","id":"1616990032035"}
 * {"kind":"teamMember","op":"delete","team":"Project Phoenix","user":"clara@contoso.example"}
 * </pre>
 *
 * {@code count} repeats it, {@code perSecond} spreads it; without an id the newest {@code count} things are meant. The
 * answer comes when all is done and lists the ids.
 */
public final class Activity {

    private static final Set<String> MEMBERS = Set.of(
            "kind",
            "op",
            "mailbox",
            "upn",
            "folder",
            "id",
            "subject",
            "body",
            "from",
            "message",
            "change",
            "destination",
            "forGood",
            "team",
            "channel",
            "user",
            "replyTo",
            "content",
            "contentType",
            "count",
            "perSecond");

    private final Mail mail;
    private final Teams teams;
    private final Directory directory;
    private final Later later;

    public Activity(Mail mail, Teams teams, Directory directory, Later later) {
        this.mail = mail;
        this.teams = teams;
        this.directory = directory;
        this.later = later;
    }

    /** {@code {ids: […], items: [{id, immutableId?, etag}]}}. */
    public Future<ObjectNode> run(ObjectNode wanted) {
        wanted.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) {
                throw new IllegalArgumentException("an activity has no member " + name + ", only " + MEMBERS);
            }
        });
        int count = wanted.path("count").asInt(1);
        ArrayNode items = Json.array();
        IntConsumer step = step(wanted, count, items);
        Promise<ObjectNode> done = Promise.promise();
        double perSecond = wanted.path("perSecond").asDouble(0);
        if (perSecond <= 0) {
            for (int n = 0; n < count; n++) {
                step.accept(n);
            }
            done.complete(answer(items));
        } else {
            spread(step, 0, count, Duration.ofNanos((long) (1e9 / perSecond)), items, done);
        }
        return done.future();
    }

    private void spread(IntConsumer step, int n, int count, Duration pause, ArrayNode items, Promise<ObjectNode> done) {
        try {
            step.accept(n);
        } catch (RuntimeException e) {
            done.fail(e);
            return;
        }
        if (n + 1 >= count) {
            done.complete(answer(items));
        } else {
            later.run(pause, () -> spread(step, n + 1, count, pause, items, done));
        }
    }

    private static ObjectNode answer(ArrayNode items) {
        ObjectNode answer = Json.object();
        ArrayNode ids = answer.putArray("ids");
        items.forEach(item -> ids.add(item.path("id")));
        answer.set("items", items);
        return answer;
    }

    private IntConsumer step(ObjectNode wanted, int count, ArrayNode items) {
        String kind = wanted.path("kind").asText();
        String op = wanted.path("op").asText("create");
        return switch (kind) {
            case "mail" -> mailStep(wanted, op, count, items);
            case "channelMessage" -> messageStep(wanted, op, count, items);
            case "teamMember" -> n -> memberStep(wanted, op);
            default ->
                throw new IllegalArgumentException(
                        "the emulator has no activity of kind " + kind + ", only mail, channelMessage and teamMember");
        };
    }

    private IntConsumer mailStep(ObjectNode wanted, String op, int count, ArrayNode items) {
        String mailbox = text(wanted, "mailbox")
                .or(() -> text(wanted, "upn"))
                .orElseThrow(() -> new IllegalArgumentException("whose mailbox?"));
        String folder = text(wanted, "folder").orElse("inbox");
        if (op.equals("create")) {
            return n -> items.add(shown(mail.arrive(mailbox, folder, newMail(wanted, n, count))));
        }
        List<String> ids = new ArrayList<>();
        text(wanted, "id").ifPresentOrElse(ids::add, () -> mail.newest(mailbox, folder, count)
                .forEach(ref -> ids.add(ref.immutableId())));
        return switch (op) {
            case "update" ->
                n -> {
                    ObjectNode change = wanted.path("change") instanceof ObjectNode given
                            ? given
                            : Json.object().put("isRead", true);
                    items.add(shown(mail.change(mailbox, id(ids, n), change)));
                };
            case "move" ->
                n -> items.add(shown(mail.move(
                        mailbox, id(ids, n), text(wanted, "destination").orElse("archive"))));
            case "delete" ->
                n -> items.add(shown(
                        mail.delete(mailbox, id(ids, n), wanted.path("forGood").asBoolean())));
            default -> throw new IllegalArgumentException("mails know create, update, move and delete, not " + op);
        };
    }

    private static String id(List<String> ids, int n) {
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("there is nothing in the folder or channel");
        }
        // The newest is done first; one id with a count is done again and again.
        return ids.get(n % ids.size());
    }

    private ObjectNode newMail(ObjectNode wanted, int n, int count) {
        ObjectNode message = wanted.path("message") instanceof ObjectNode given ? given.deepCopy() : Json.object();
        String subject = text(wanted, "subject").orElse(message.path("subject").asText("Something happened"));
        message.put("subject", count == 1 ? subject : subject + " " + (n + 1));
        text(wanted, "body")
                .ifPresent(body ->
                        message.putObject("body").put("contentType", "html").put("content", body));
        String from = text(wanted, "from").orElse("somebody@elsewhere.example");
        for (String role : List.of("from", "sender")) {
            if (!message.has(role)) {
                message.putObject(role)
                        .putObject("emailAddress")
                        .put("name", from)
                        .put("address", from);
            }
        }
        return message;
    }

    private IntConsumer messageStep(ObjectNode wanted, String op, int count, ArrayNode items) {
        String team = team(wanted);
        String channel = text(wanted, "channel")
                .map(name -> teams.channelId(team, name)
                        .orElseThrow(() -> new IllegalArgumentException("there is no channel " + name)))
                .orElse(Seed.GENERAL_ID);
        if (op.equals("create")) {
            String user = text(wanted, "user").orElse(Seed.ADA);
            return n -> items.add(
                    shown(teams.post(team, channel, user, newMessage(wanted, n, count), text(wanted, "replyTo"))));
        }
        List<String> ids = new ArrayList<>();
        text(wanted, "id").ifPresentOrElse(ids::add, () -> teams.newest(team, channel, count)
                .forEach(ref -> ids.add(0, ref.id())));
        return switch (op) {
            case "update" ->
                n -> {
                    JsonNode change =
                            wanted.path("change").isObject() ? wanted.get("change") : newMessage(wanted, n, count);
                    items.add(shown(teams.edit(team, channel, id(ids, n), change)));
                };
            case "delete" -> n -> items.add(shown(teams.delete(team, channel, id(ids, n))));
            default -> throw new IllegalArgumentException("channel messages know create, update and delete, not " + op);
        };
    }

    private static ObjectNode newMessage(ObjectNode wanted, int n, int count) {
        if (wanted.path("message") instanceof ObjectNode given) {
            return given.deepCopy();
        }
        String content = text(wanted, "content").orElse("Something happened");
        ObjectNode message = Json.object();
        text(wanted, "subject").ifPresent(subject -> message.put("subject", subject));
        message.putObject("body")
                .put("contentType", text(wanted, "contentType").orElse("html"))
                .put("content", count == 1 ? content : content + " " + (n + 1));
        return message;
    }

    private void memberStep(ObjectNode wanted, String op) {
        String name = text(wanted, "user").orElseThrow(() -> new IllegalArgumentException("which user?"));
        String oid = directory
                .user(name)
                .map(UserAccount::oid)
                .orElseThrow(() -> new IllegalArgumentException("there is no user " + name));
        switch (op) {
            case "create" -> teams.join(team(wanted), oid);
            case "delete" -> teams.leave(team(wanted), oid);
            default -> throw new IllegalArgumentException("team members know create and delete, not " + op);
        }
    }

    private String team(ObjectNode wanted) {
        return text(wanted, "team")
                .map(name ->
                        teams.teamId(name).orElseThrow(() -> new IllegalArgumentException("there is no team " + name)))
                .orElse(Seed.TEAM_ID);
    }

    private static Optional<String> text(ObjectNode wanted, String name) {
        return wanted.path(name).isTextual() ? Optional.of(wanted.get(name).textValue()) : Optional.empty();
    }

    private static ObjectNode shown(Mail.MailRef ref) {
        return Json.object()
                .put("id", ref.id())
                .put("immutableId", ref.immutableId())
                .put("etag", ref.etag());
    }

    private static ObjectNode shown(Teams.MessageRef ref) {
        ObjectNode shown = Json.object().put("id", ref.id()).put("etag", ref.etag());
        ref.replyToId().ifPresent(root -> shown.put("replyToId", root));
        return shown;
    }
}
