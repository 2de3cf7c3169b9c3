package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.m365connector.emulator.graph.calendar.Calendars;
import org.m365connector.emulator.graph.protocol.Json;

/** What somebody does with his calendars. */
public final class CalendarActivity {

    private final Calendars calendars;

    public CalendarActivity(Calendars calendars) {
        this.calendars = calendars;
    }

    IntConsumer step(ObjectNode wanted, String op, int count, ArrayNode items) {
        String mailbox = mailbox(wanted);
        Optional<String> calendar = Activity.text(wanted, "calendar");
        ObjectNode change = wanted.path("change") instanceof ObjectNode given ? given : Json.object();
        Activity.text(wanted, "subject").ifPresent(subject -> change.put("subject", subject));
        if (op.equals("create")) {
            return n -> items.add(shown(calendars.make(mailbox, calendar, change)));
        }
        List<String> ids = new ArrayList<>();
        Activity.text(wanted, "id").ifPresentOrElse(ids::add, () -> calendars
                .newest(mailbox, calendar, count)
                .forEach(ref -> ids.add(0, ref.id())));
        return switch (op) {
            case "update" -> n -> items.add(shown(calendars.change(mailbox, Activity.id(ids, n), change)));
            case "delete" -> n -> items.add(shown(calendars.delete(mailbox, Activity.id(ids, n))));
            case "move" ->
                n -> items.add(shown(calendars.move(
                        mailbox,
                        Activity.id(ids, n),
                        Activity.text(wanted, "destination")
                                .orElseThrow(() -> new IllegalArgumentException("to which calendar?")))));
            default -> throw new IllegalArgumentException("events know create, update, move and delete, not " + op);
        };
    }

    /** The id of a new calendar, or of one that is deleted, or the one under which somebody finds what is shared with him. */
    ObjectNode calendarStep(ObjectNode wanted, String op) {
        String mailbox = mailbox(wanted);
        return Json.object()
                .put(
                        "id",
                        switch (op) {
                            case "create" ->
                                calendars.makeCalendar(
                                        mailbox, Activity.text(wanted, "name").orElse("Another calendar"));
                            case "delete" ->
                                calendars.deleteCalendar(
                                        mailbox,
                                        Activity.text(wanted, "calendar")
                                                .orElseThrow(() -> new IllegalArgumentException("which calendar?")));
                            case "share" ->
                                calendars.share(
                                        mailbox,
                                        Activity.text(wanted, "calendar"),
                                        Activity.text(wanted, "user")
                                                .orElseThrow(() -> new IllegalArgumentException("with whom?")));
                            default ->
                                throw new IllegalArgumentException(
                                        "calendars know create, delete and share, not " + op);
                        });
    }

    private static String mailbox(ObjectNode wanted) {
        return Activity.text(wanted, "mailbox")
                .or(() -> Activity.text(wanted, "upn"))
                .orElseThrow(() -> new IllegalArgumentException("whose calendar?"));
    }

    private static ObjectNode shown(Calendars.EventRef ref) {
        ObjectNode shown = Json.object().put("id", ref.id()).put("etag", ref.etag());
        if (!ref.occurrences().isEmpty()) {
            ref.occurrences().forEach(shown.putArray("occurrences")::add);
        }
        return shown;
    }
}
