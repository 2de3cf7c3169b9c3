package org.m365connector.emulator.graph.calendar;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.GraphError;

/**
 * Somebody's calendars: the standard one, those that he has made, and beside them what others have shared with him, which has
 * another id here than in its owner's mailbox.
 */
final class CalendarBook {

    private final UserAccount owner;
    private final Clock clock;
    private final Changes changes;
    private final Calendar standard;
    private final Map<String, Calendar> own = new LinkedHashMap<>();
    private final Map<String, Calendar> received = new LinkedHashMap<>();

    CalendarBook(UserAccount owner, Clock clock, Changes changes) {
        this.owner = owner;
        this.clock = clock;
        this.changes = changes;
        this.standard = new Calendar(owner, "AAMkAG-" + owner.oid() + "=", "Calendar", true, clock, changes);
        own.put(standard.id(), standard);
    }

    Calendar standard() {
        return standard;
    }

    List<Calendar> own() {
        return new ArrayList<>(own.values());
    }

    Optional<Calendar> own(String id) {
        return Optional.ofNullable(own.get(id));
    }

    /** What others have shared, by the ids that it has here. */
    Map<String, Calendar> received() {
        return received;
    }

    Calendar make(String name) {
        if (own.values().stream().anyMatch(calendar -> calendar.name().equalsIgnoreCase(name))) {
            throw GraphError.of(409, "ErrorFolderExists", "A folder with the specified name already exists.");
        }
        Calendar made = new Calendar(owner, Calendar.newId(owner), name, false, clock, changes);
        own.put(made.id(), made);
        return made;
    }

    /** Gone for good, with all that is in it. */
    void remove(Calendar calendar) {
        if (calendar.isStandard()) {
            throw GraphError.of(
                    400, "ErrorDeleteDistinguishedFolder", "A distinguished folder cannot be changed in this way.");
        }
        calendar.events().forEach(calendar::remove);
        own.remove(calendar.id());
    }

    /** Somebody shares one of his; the id by which it is found here. */
    String receive(Calendar calendar) {
        calendar.shareWith(owner.oid());
        return received.entrySet().stream()
                .filter(entry -> entry.getValue() == calendar)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> {
                    String id = Calendar.newId(owner);
                    received.put(id, calendar);
                    return id;
                });
    }

    /** The one of his own that this event, series or occurrence is in. */
    Optional<Calendar> holding(String eventId) {
        return own.values().stream()
                .filter(calendar -> calendar.find(eventId).isPresent()
                        || calendar.occurrence(eventId).isPresent())
                .findFirst();
    }

    /** For the control door: by its name too. */
    Calendar named(String idOrName) {
        return own.values().stream()
                .filter(calendar ->
                        calendar.id().equals(idOrName) || calendar.name().equalsIgnoreCase(idOrName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no calendar " + idOrName));
    }
}
