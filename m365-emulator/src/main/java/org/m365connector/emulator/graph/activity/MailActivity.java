package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.m365connector.emulator.graph.mail.Mail;
import org.m365connector.emulator.graph.protocol.Json;

/** What somebody does with mail. */
public final class MailActivity {

    private final Mail mail;

    public MailActivity(Mail mail) {
        this.mail = mail;
    }

    IntConsumer step(ObjectNode wanted, String op, int count, ArrayNode items) {
        String mailbox = Activity.text(wanted, "mailbox")
                .or(() -> Activity.text(wanted, "upn"))
                .orElseThrow(() -> new IllegalArgumentException("whose mailbox?"));
        String folder = Activity.text(wanted, "folder").orElse("inbox");
        if (op.equals("create")) {
            return n -> items.add(shown(mail.arrive(mailbox, folder, newMail(wanted, n, count))));
        }
        List<String> ids = new ArrayList<>();
        Activity.text(wanted, "id").ifPresentOrElse(ids::add, () -> mail.newest(mailbox, folder, count)
                .forEach(ref -> ids.add(ref.immutableId())));
        return switch (op) {
            case "update" ->
                n -> {
                    ObjectNode change = wanted.path("change") instanceof ObjectNode given
                            ? given
                            : Json.object().put("isRead", true);
                    items.add(shown(mail.change(mailbox, Activity.id(ids, n), change)));
                };
            case "move" ->
                n -> items.add(shown(mail.move(
                        mailbox,
                        Activity.id(ids, n),
                        Activity.text(wanted, "destination").orElse("archive"))));
            case "delete" ->
                n -> items.add(shown(mail.delete(
                        mailbox, Activity.id(ids, n), wanted.path("forGood").asBoolean())));
            default -> throw new IllegalArgumentException("mails know create, update, move and delete, not " + op);
        };
    }

    /** A folder is named by its id or well-known name. */
    ObjectNode folderStep(ObjectNode wanted, String op) {
        String mailbox =
                Activity.text(wanted, "mailbox").orElseThrow(() -> new IllegalArgumentException("whose mailbox?"));
        Optional<String> name = Activity.text(wanted, "name");
        if (op.equals("create")) {
            String parent = Activity.text(wanted, "parent").orElse("msgfolderroot");
            return Json.object().put("id", mail.makeFolder(mailbox, parent, name.orElse("Another folder")));
        }
        String folder =
                Activity.text(wanted, "folder").orElseThrow(() -> new IllegalArgumentException("which folder?"));
        switch (op) {
            case "update" -> mail.renameFolder(mailbox, folder, name.orElse("Renamed"));
            case "move" ->
                mail.moveFolder(
                        mailbox, folder, Activity.text(wanted, "destination").orElse("archive"));
            case "delete" ->
                mail.deleteFolder(mailbox, folder, wanted.path("forGood").asBoolean());
            default ->
                throw new IllegalArgumentException("mail folders know create, update, move and delete, not " + op);
        }
        return Json.object().put("id", folder);
    }

    private ObjectNode newMail(ObjectNode wanted, int n, int count) {
        ObjectNode message = wanted.path("message") instanceof ObjectNode given ? given.deepCopy() : Json.object();
        String subject =
                Activity.text(wanted, "subject").orElse(message.path("subject").asText("Something happened"));
        message.put("subject", count == 1 ? subject : subject + " " + (n + 1));
        Activity.text(wanted, "body")
                .ifPresent(body ->
                        message.putObject("body").put("contentType", "html").put("content", body));
        String from = Activity.text(wanted, "from").orElse("somebody@elsewhere.example");
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

    private static ObjectNode shown(Mail.MailRef ref) {
        return Json.object()
                .put("id", ref.id())
                .put("immutableId", ref.immutableId())
                .put("etag", ref.etag());
    }
}
