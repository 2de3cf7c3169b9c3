package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.switches.Later;

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
 * {"kind":"event","op":"create","mailbox":"ada@contoso.example","subject":"Review","change":{"start":{…},"end":{…},"recurrence":{…}}}
 * {"kind":"event","op":"update","mailbox":"ada@contoso.example","id":"AAMk…-20261201","change":{"subject":"Only this one"}}
 * {"kind":"event","op":"move","mailbox":"ada@contoso.example","id":"AAMk…","destination":"Holidays"}
 * {"kind":"calendar","op":"create","mailbox":"ada@contoso.example","name":"Holidays"}
 * {"kind":"calendar","op":"delete","mailbox":"ada@contoso.example","calendar":"Holidays"}
 * {"kind":"calendar","op":"share","mailbox":"ada@contoso.example","calendar":"Holidays","user":"ben@contoso.example"}
 * {"kind":"mailFolder","op":"create","mailbox":"ada@contoso.example","parent":"inbox","name":"Orders"}
 * {"kind":"mailFolder","op":"move","mailbox":"ada@contoso.example","folder":"AAMk…","destination":"archive"}
 * {"kind":"driveItem","op":"create","mailbox":"ada@contoso.example","parent":"root","name":"Reports","type":"folder"}
 * {"kind":"driveItem","op":"update","mailbox":"ada@contoso.example","id":"01…","name":"Plan.txt","size":2048}
 * {"kind":"driveItem","op":"move","mailbox":"ada@contoso.example","id":"01…","destination":"01…"}
 * {"kind":"contact","op":"create","mailbox":"ada@contoso.example","folder":"Contacts","name":"Grace Hopper","change":{…}}
 * {"kind":"contactFolder","op":"create","mailbox":"ada@contoso.example","name":"Suppliers"}
 * {"kind":"contactFolder","op":"delete","mailbox":"ada@contoso.example","folder":"Suppliers"}
 * {"kind":"channel","op":"create","team":"Project Phoenix","topic":"Risks"}
 * {"kind":"channel","op":"restore","channel":"19:…"}
 * {"kind":"team","op":"delete","team":"Project Phoenix"}
 * {"kind":"chat","op":"create","members":["ada@contoso.example","clara@contoso.example"],"topic":"Lunch"}
 * {"kind":"chatMember","op":"delete","chat":"Lunch","user":"clara@contoso.example"}
 * {"kind":"chatMessage","op":"create","chat":"19:…","user":"ben@contoso.example","content":"Hi"}
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
            "calendar",
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
            "chat",
            "members",
            "topic",
            "user",
            "replyTo",
            "content",
            "contentType",
            "name",
            "parent",
            "type",
            "size",
            "count",
            "perSecond");

    private final MailActivity mail;
    private final CalendarActivity calendar;
    private final DriveActivity drives;
    private final ContactActivity contacts;
    private final TeamsActivity teams;
    private final Later later;

    public Activity(
            MailActivity mail,
            CalendarActivity calendar,
            DriveActivity drives,
            ContactActivity contacts,
            TeamsActivity teams,
            Later later) {
        this.mail = mail;
        this.calendar = calendar;
        this.drives = drives;
        this.contacts = contacts;
        this.teams = teams;
        this.later = later;
    }

    /** {@code {ids: […], items: [{id, immutableId?, etag, occurrences?: [id]}]}}. */
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
            case "mail" -> mail.step(wanted, op, count, items);
            case "event" -> calendar.step(wanted, op, count, items);
            case "calendar" -> n -> items.add(calendar.calendarStep(wanted, op));
            case "mailFolder" -> n -> items.add(mail.folderStep(wanted, op));
            case "driveItem" -> drives.step(wanted, op, count, items);
            case "contact" -> contacts.step(wanted, op, count, items);
            case "contactFolder" -> n -> items.add(contacts.folderStep(wanted, op));
            case "channelMessage" -> teams.channelMessageStep(wanted, op, count, items);
            case "chatMessage" -> teams.chatMessageStep(wanted, op, count, items);
            case "channel" -> n -> items.add(teams.channelStep(wanted, op));
            case "team" -> n -> items.add(teams.teamStep(wanted, op));
            case "teamMember" -> n -> teams.memberStep(wanted, op);
            case "chat" -> n -> items.add(teams.chatStep(wanted, op));
            case "chatMember" -> n -> teams.chatMemberStep(wanted, op);
            default ->
                throw new IllegalArgumentException("the emulator has no activity of kind " + kind
                        + ", only mail, mailFolder, event, calendar, driveItem, contact, contactFolder, channelMessage, chatMessage, channel,"
                        + " team, teamMember, chat and chatMember");
        };
    }

    /** The one that is meant: the newest is done first; one id with a count is done again and again. */
    static String id(List<String> ids, int n) {
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("there is nothing that it could be done to");
        }
        return ids.get(n % ids.size());
    }

    static Optional<String> text(ObjectNode wanted, String name) {
        return wanted.path(name).isTextual() ? Optional.of(wanted.get(name).textValue()) : Optional.empty();
    }
}
