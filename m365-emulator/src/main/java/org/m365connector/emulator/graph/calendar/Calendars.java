package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * Everybody has a standard calendar, empty at first, and may have others: single events, and series with their occurrences. One
 * can be shared with somebody else, who may read it, but neither follow it nor subscribe to it.
 */
public final class Calendars {

    private static final List<String> SHARED = List.of("Calendars.Read.Shared", "Calendars.ReadWrite.Shared");

    /**
     * A calendar that a call may look into.
     *
     * @param id under which the caller knows it
     * @param shared whether it is somebody else's who has shared it
     */
    record Opened(Calendar calendar, String id, boolean shared) {}

    private final Directory directory;
    private final Changes changes;
    private final DeltaRounds deltas;
    private final Switches switches;
    private final Clock clock;
    private final Map<String, CalendarBook> byOid = new HashMap<>();

    public Calendars(Directory directory, Changes changes, DeltaRounds deltas, Switches switches, Clock clock) {
        this.directory = directory;
        this.changes = changes;
        this.deltas = deltas;
        this.switches = switches;
        this.clock = clock;
    }

    public void reset() {
        byOid.clear();
    }

    public void addTo(RouteTable routes) {
        new CalendarCalls(this).addTo(routes);
        new EventCalls(this, deltas, switches).addTo(routes);
    }

    /** The calendar that the address names; the standard one where it names none. */
    Opened opened(Call call) {
        return isNamed(call) ? named(call.caller(), call.owner(), call.id(1)) : standard(call.caller(), call.owner());
    }

    /** The same, for what is done with calendars of the mailbox itself only. */
    Calendar own(Call call) {
        return own(opened(call));
    }

    static boolean isNamed(Call call) {
        return call.template().contains("/calendars/{id}");
    }

    private static Calendar own(Opened opened) {
        if (opened.shared()) {
            throw GraphError.outlookAccessDenied();
        }
        return opened.calendar();
    }

    private Opened standard(Caller caller, String oidOrUpn) {
        Calendar calendar = book(caller, oidOrUpn).standard();
        return new Opened(calendar, calendar.id(), false);
    }

    private Opened named(Caller caller, String oidOrUpn, String id) {
        UserAccount mailbox = account(caller, oidOrUpn);
        CalendarBook book = of(mailbox);
        boolean mayShare = !caller.isApp() && caller.holdsOneOf(SHARED);
        Optional<Calendar> calendar = book.own(id);
        if (!caller.isApp() && !mailbox.oid().equals(caller.id())) {
            return calendar.filter(found -> mayShare && found.isSharedWith(caller.id()))
                    .map(found -> new Opened(found, id, true))
                    .orElseThrow(GraphError::outlookAccessDenied);
        }
        if (calendar.isPresent()) {
            return new Opened(calendar.get(), id, false);
        }
        Calendar received = Optional.ofNullable(book.received().get(id)).orElseThrow(GraphError::itemNotFound);
        if (!mayShare) {
            throw GraphError.outlookAccessDenied();
        }
        return new Opened(received, id, true);
    }

    /** His own, or any of the tenant for an app. */
    CalendarBook book(Caller caller, String oidOrUpn) {
        UserAccount mailbox = account(caller, oidOrUpn);
        if (!caller.isApp() && !mailbox.oid().equals(caller.id())) {
            throw GraphError.outlookAccessDenied();
        }
        return of(mailbox);
    }

    void delete(Caller caller, String oidOrUpn, String id) {
        CalendarBook book = book(caller, oidOrUpn);
        if (book.received().remove(id) == null) {
            remove(book, book.own(id).orElseThrow(GraphError::itemNotFound));
        }
    }

    private void remove(CalendarBook book, Calendar calendar) {
        book.remove(calendar);
        byOid.values().forEach(other -> other.received().values().remove(calendar));
    }

    private UserAccount account(Caller caller, String oidOrUpn) {
        return directory
                .user(oidOrUpn)
                .filter(account -> account.tenant().id().equals(caller.tenantId()))
                .orElseThrow(() -> GraphError.invalidUser(oidOrUpn));
    }

    private CalendarBook of(UserAccount owner) {
        return byOid.computeIfAbsent(owner.oid(), oid -> new CalendarBook(owner, clock, changes));
    }

    /**
     * A calendar outside of a call.
     *
     * @param mailbox object id of its owner
     * @param calendar empty for the standard one
     */
    public record CalendarRef(String mailbox, Optional<String> calendar) {

        static CalendarRef of(Calendar calendar) {
            return new CalendarRef(calendar.owner().oid(), calendar.named());
        }
    }

    /**
     * Whose events a subscription names; refused like a call that reads them, and where somebody else has only shared them.
     *
     * @param calendar empty for the standard one
     */
    public CalendarRef subscribed(Caller caller, String oidOrUpn, Optional<String> calendar) {
        return CalendarRef.of(
                own(calendar.map(id -> named(caller, oidOrUpn, id)).orElseGet(() -> standard(caller, oidOrUpn))));
    }

    // The control door: somebody in Microsoft 365 does something.

    /**
     * An id of an event and its version.
     *
     * @param occurrences of a series: ids of those that there are
     */
    public record EventRef(String id, String etag, List<String> occurrences) {

        EventRef(String id, String etag) {
            this(id, etag, List.of());
        }
    }

    /** @return its id */
    public String makeCalendar(String mailbox, String name) {
        return any(mailbox).make(name).id();
    }

    /** @param calendar its id or name */
    public String deleteCalendar(String mailbox, String calendar) {
        CalendarBook book = any(mailbox);
        Calendar deleted = book.named(calendar);
        remove(book, deleted);
        return deleted.id();
    }

    /** @return the id under which it is found by whom it is shared with */
    public String share(String mailbox, Optional<String> calendar, String with) {
        return any(with).receive(any(mailbox, calendar));
    }

    /** @param event as in a POST; without times it is half an hour tomorrow */
    public EventRef make(String mailbox, Optional<String> calendar, ObjectNode event) {
        ObjectNode input = event.deepCopy();
        if (!input.has("start")) {
            Instant start = clock.instant().plus(Duration.ofDays(1));
            input.set("start", EventTimes.shown(start));
            input.set("end", EventTimes.shown(start.plus(Duration.ofMinutes(30))));
        }
        Calendar made = any(mailbox, calendar);
        return ref(made.add(EventContent.of(made.owner(), input)));
    }

    /** An event, a series or one of its occurrences, in whichever calendar it is. */
    public EventRef change(String mailbox, String id, ObjectNode change) {
        Calendar calendar = holding(mailbox, id);
        EventContent.write(calendar, id, change);
        return calendar.find(id)
                .map(Calendars::ref)
                .orElseGet(() -> new EventRef(
                        id, calendar.occurrence(id).orElseThrow().series().etag()));
    }

    /** An event, a series or one of its occurrences. */
    public EventRef delete(String mailbox, String id) {
        EventContent.remove(holding(mailbox, id), id);
        return new EventRef(id, "");
    }

    /** An event or a series to another calendar of the mailbox. */
    public EventRef move(String mailbox, String id, String destination) {
        Calendar from = holding(mailbox, id);
        CalendarEvent event = from.find(id).orElseThrow(GraphError::itemNotFound);
        return ref(any(mailbox, Optional.of(destination)).take(event, from));
    }

    /** The newest events of a calendar, newest last. */
    public List<EventRef> newest(String mailbox, Optional<String> calendar, int count) {
        List<CalendarEvent> all = any(mailbox, calendar).events();
        return all.subList(Math.max(0, all.size() - count), all.size()).stream()
                .map(Calendars::ref)
                .toList();
    }

    /** @param calendar id or name; empty for the standard one */
    public CalendarRef calendar(String mailbox, Optional<String> calendar) {
        return CalendarRef.of(any(mailbox, calendar));
    }

    private Calendar holding(String mailbox, String eventId) {
        return any(mailbox).holding(eventId).orElseThrow(GraphError::itemNotFound);
    }

    private Calendar any(String oidOrUpn, Optional<String> calendar) {
        CalendarBook book = any(oidOrUpn);
        return calendar.map(book::named).orElseGet(book::standard);
    }

    private CalendarBook any(String oidOrUpn) {
        return of(directory
                .user(oidOrUpn)
                .orElseThrow(() -> new IllegalArgumentException("there is no user " + oidOrUpn)));
    }

    private static EventRef ref(CalendarEvent event) {
        return new EventRef(
                event.id,
                event.etag(),
                event.occurrences().stream().map(Occurrence::id).toList());
    }
}
