package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.m365connector.emulator.graph.drives.Drives;
import org.m365connector.emulator.graph.protocol.Json;

/** What somebody does in his drive. */
public final class DriveActivity {

    private static final int SOME_SIZE = 1_024;

    private final Drives drives;

    public DriveActivity(Drives drives) {
        this.drives = drives;
    }

    IntConsumer step(ObjectNode wanted, String op, int count, ArrayNode items) {
        String owner = Activity.text(wanted, "mailbox")
                .or(() -> Activity.text(wanted, "upn"))
                .orElseThrow(() -> new IllegalArgumentException("whose drive?"));
        Optional<Integer> size =
                wanted.path("size").isInt() ? Optional.of(wanted.get("size").intValue()) : Optional.empty();
        if (op.equals("create")) {
            boolean folder = wanted.path("type").asText().equals("folder");
            String parent = Activity.text(wanted, "parent").orElse("root");
            return n -> items.add(shown(drives.make(
                    owner,
                    parent,
                    name(wanted, n, count),
                    folder ? Optional.empty() : Optional.of(size.orElse(SOME_SIZE)))));
        }
        List<String> ids = new ArrayList<>();
        Activity.text(wanted, "id")
                .ifPresentOrElse(ids::add, () -> drives.newest(owner, count).forEach(ref -> ids.add(0, ref.id())));
        return switch (op) {
            case "update" ->
                n -> items.add(shown(drives.change(owner, Activity.id(ids, n), Activity.text(wanted, "name"), size)));
            case "move" ->
                n -> items.add(shown(drives.move(
                        owner,
                        Activity.id(ids, n),
                        Activity.text(wanted, "destination").orElse("root"))));
            case "delete" -> n -> items.add(shown(drives.delete(owner, Activity.id(ids, n))));
            default ->
                throw new IllegalArgumentException("items of a drive know create, update, move and delete, not " + op);
        };
    }

    private static String name(ObjectNode wanted, int n, int count) {
        String name = Activity.text(wanted, "name").orElse("Something new");
        return count == 1 ? name : name + " " + (n + 1);
    }

    private static ObjectNode shown(Drives.ItemRef ref) {
        return Json.object().put("id", ref.id()).put("etag", ref.etag());
    }
}
