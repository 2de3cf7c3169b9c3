package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaSource;
import org.m365connector.emulator.graph.delta.OutlookDelta;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * A view of a calendar; its two moments belong to the link for good. What is moved out of it is removed, like what is deleted.
 *
 * <p>Of a series in which anything has changed all that is in the view is shown again. Of an occurrence that is not there any more
 * nothing is said, nor of those of a series that is deleted: clients have found that out, Microsoft does not write about it. The switch {@code
 * delta.removedOccurrences} makes them removed like everything else.
 */
final class CalendarViewDelta implements DeltaSource {

    private static final Set<String> SUPPORTED = Set.of("startdatetime", "enddatetime", "skiptoken", "deltatoken");

    private final Calendar calendar;
    private final Switches switches;

    CalendarViewDelta(Calendar calendar, Switches switches) {
        this.calendar = calendar;
        this.switches = switches;
    }

    @Override
    public String container() {
        return calendar.owner().oid() + "/" + calendar.id() + "/calendarView";
    }

    @Override
    public long position() {
        return calendar.position();
    }

    @Override
    public String type() {
        return "event";
    }

    @Override
    public void check(Query options) {
        for (String name : options.names()) {
            if (!SUPPORTED.contains(name)) {
                throw OutlookDelta.unsupported("CalendarView", name);
            }
        }
        CalendarView.of(options);
    }

    @Override
    public List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call) {
        CalendarView view = CalendarView.of(options);
        List<CalendarView.Entry> inside = view.inDelta(calendar);
        Set<String> present = new HashSet<>();
        inside.forEach(entry -> present.add(entry.id()));
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        if (since != BEGINNING) {
            boolean occurrences = switches.flag("delta.removedOccurrences");
            Set<String> gone = new HashSet<>();
            for (Calendar.Departure departure : calendar.departures()) {
                if ((occurrences || !departure.occurrence())
                        && departure.leftAt() > since
                        && departure.cameAt() <= since
                        && view.holds(departure.start(), departure.end())
                        && !present.contains(departure.id())
                        && gone.add(departure.id())) {
                    entries.add(later -> Optional.of(OutlookDelta.removed(departure.id())));
                }
            }
        }
        inside.removeIf(entry -> entry.changedAt() <= since);
        inside.sort(Comparator.comparingLong(CalendarView.Entry::changedAt));
        inside.forEach(entry -> entries.add(later -> Optional.of(entry.shown())));
        return entries;
    }

    @Override
    public int pageSize(Query options, Call call) {
        return call.prefer().maxPageSize().orElse(switches.number("paging.events.default"));
    }

    @Override
    public GraphError gone(Call call) {
        return OutlookDelta.gone(call);
    }
}
