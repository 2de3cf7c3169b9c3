package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.m365connector.emulator.graph.contacts.Contacts;
import org.m365connector.emulator.graph.protocol.Json;

/** What somebody does with his contacts. */
public final class ContactActivity {

    private final Contacts contacts;

    public ContactActivity(Contacts contacts) {
        this.contacts = contacts;
    }

    IntConsumer step(ObjectNode wanted, String op, int count, ArrayNode items) {
        String mailbox = Activity.text(wanted, "mailbox")
                .or(() -> Activity.text(wanted, "upn"))
                .orElseThrow(() -> new IllegalArgumentException("whose contacts?"));
        String folder = Activity.text(wanted, "folder").orElse("contacts");
        ObjectNode change = wanted.path("change") instanceof ObjectNode given ? given.deepCopy() : Json.object();
        if (op.equals("create")) {
            String name = Activity.text(wanted, "name").orElse("Somebody New");
            return n -> items.add(shown(contacts.make(
                    mailbox, folder, change.deepCopy().put("displayName", count == 1 ? name : name + " " + (n + 1)))));
        }
        List<String> ids = new ArrayList<>();
        Activity.text(wanted, "id").ifPresentOrElse(ids::add, () -> contacts.newest(mailbox, folder, count)
                .forEach(ref -> ids.add(0, ref.immutableId())));
        Activity.text(wanted, "name").ifPresent(name -> change.put("displayName", name));
        if (change.isEmpty()) {
            change.put("companyName", "Contoso");
        }
        return switch (op) {
            case "update" -> n -> items.add(shown(contacts.change(mailbox, Activity.id(ids, n), change)));
            case "move" ->
                n -> items.add(shown(contacts.move(
                        mailbox,
                        Activity.id(ids, n),
                        Activity.text(wanted, "destination")
                                .orElseThrow(() -> new IllegalArgumentException("to which folder?")))));
            case "delete" ->
                n -> items.add(shown(contacts.delete(
                        mailbox, Activity.id(ids, n), wanted.path("forGood").asBoolean())));
            default -> throw new IllegalArgumentException("contacts know create, update, move and delete, not " + op);
        };
    }

    ObjectNode folderStep(ObjectNode wanted, String op) {
        String mailbox =
                Activity.text(wanted, "mailbox").orElseThrow(() -> new IllegalArgumentException("whose contacts?"));
        return Json.object()
                .put(
                        "id",
                        switch (op) {
                            case "create" ->
                                contacts.makeFolder(
                                        mailbox, Activity.text(wanted, "name").orElse("More contacts"));
                            case "delete" ->
                                contacts.deleteFolder(
                                        mailbox,
                                        Activity.text(wanted, "folder")
                                                .orElseThrow(() -> new IllegalArgumentException("which folder?")));
                            default ->
                                throw new IllegalArgumentException(
                                        "folders of contacts know create and delete, not " + op);
                        });
    }

    private static ObjectNode shown(Contacts.ContactRef ref) {
        return Json.object()
                .put("id", ref.id())
                .put("immutableId", ref.immutableId())
                .put("etag", ref.etag());
    }
}
