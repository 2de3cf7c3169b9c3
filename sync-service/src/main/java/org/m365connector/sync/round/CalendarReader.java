package org.m365connector.sync.round;

import com.microsoft.graph.models.Calendar;
import com.microsoft.graph.models.Event;
import com.microsoft.graph.models.EventType;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.calendarview.delta.DeltaGetResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

/**
 * Events of a calendar: single ones, series, and the occurrences of these, in a window around now that belongs to the delta link for
 * good. When now has moved on in it, another link with another window is made.
 *
 * <ol>
 *   <li>What Graph calls removed may just have been moved out of the window, so it is asked for; and whether it is in another calendar
 *       of the mailbox, where it is found by its id as well.
 *   <li>A series is one item for Graph. When anything in it changes, all of it that is in the window is shown again, with the same new
 *       version; of an occurrence that is gone nothing is said. So what is known of a series and not shown with it is asked for.
 *   <li>Of an occurrence that is as its series says a delta shows only whose it is, and when: the rest is the series'.
 * </ol>
 *
 * <p>What stands for a link: the beginning of its window, and the link.
 */
final class CalendarReader implements ContainerReader {

    /** The window reaches so far from now; after {@code slide} another one is made. */
    record Window(Duration back, Duration ahead, Duration slide) {}

    private static final String EVENTS = "/events";
    private static final String CALENDARS = "/calendars";

    /** All that a portal is told of, or that decides what is; no body, since nobody is told of it and a series is kept for a round. */
    private static final String[] MEMBERS = {
        "id",
        "type",
        "seriesMasterId",
        "changeKey",
        "createdDateTime",
        "lastModifiedDateTime",
        "subject",
        "start",
        "end",
        "isAllDay",
        "isCancelled",
        "importance",
        "showAs",
        "sensitivity",
        "location",
        "bodyPreview",
        "categories",
        "organizer",
        "attendees",
        "webLink"
    };

    private final GraphServiceClient client;
    private final String path;
    private final String user;
    private final Window window;
    private final Instant now;
    private final int pageSize;
    private final Questions questions;
    private final Map<String, Optional<Event>> series = new HashMap<>();
    private final Set<String> outside = new HashSet<>();
    private final Set<String> gone = new HashSet<>();
    private Instant begin;

    /** @param path of the container: {@code users/<id>/events}, or {@code users/<id>/calendars/<id>/events} */
    CalendarReader(
            GraphServiceClient client, String path, Window window, Instant now, int pageSize, Questions questions) {
        this.client = client;
        this.path = path;
        this.user = path.split("/", -1)[1];
        this.window = window;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.pageSize = pageSize;
        this.questions = questions;
        this.begin = this.now.minus(window.back());
    }

    @Override
    public boolean outgrown(String link) {
        return begin(link).plus(window.back()).plus(window.slide()).isBefore(now) || isOfStandardOnly(link);
    }

    /** Begun by a replica that knew no other calendars. */
    private boolean isOfStandardOnly(String link) {
        return !isStandard() && !link.toLowerCase(Locale.ROOT).contains(CALENDARS);
    }

    private static Instant begin(String link) {
        return Instant.parse(link.substring(0, link.indexOf(' ')));
    }

    /** Where the window ends; a link that is not outgrown was made less than a slide ago. */
    private Instant end() {
        return begin.plus(window.back()).plus(window.ahead());
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        begin = link.map(CalendarReader::begin).orElseGet(() -> now.minus(window.back()));
        String address =
                link.map(known -> known.substring(known.indexOf(' ') + 1)).orElseGet(this::firstLink);
        // For its type: where it is called, the address says.
        DeltaGetResponse page = client.users()
                .byUserId(user)
                .calendarView()
                .delta()
                .withUrl(GraphAccess.absolute(client, address))
                .get(request ->
                        request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS + ", odata.maxpagesize=" + pageSize));
        List<Event> events = page.getValue() == null ? List.of() : page.getValue();
        events.stream()
                .filter(event -> event.getType() == EventType.SeriesMaster)
                .forEach(event -> {
                    event.setBody(null);
                    series.put(event.getId(), Optional.of(event));
                });
        List<Item> items = new ArrayList<>();
        for (Event event : events) {
            if (Members.isRemoved(event)) {
                items.add(removed(event.getId()));
            } else {
                item(event).ifPresent(items::add);
            }
        }
        return new DeltaPage(
                items,
                Optional.ofNullable(page.getOdataNextLink()).map(next -> begin + " " + GraphAccess.relative(next)),
                Optional.ofNullable(page.getOdataDeltaLink()).map(last -> begin + " " + GraphAccess.relative(last)));
    }

    private String firstLink() {
        String calendar = path.substring(0, path.length() - EVENTS.length());
        return "/" + calendar + "/calendarView/delta?startDateTime=" + begin + "&endDateTime=" + end();
    }

    /** Of what is no longer in the window, as it is now where it is just outside. A series takes its occurrences along. */
    private Item removed(String id) {
        return questions
                .askNow(id, () -> event(id).filter(this::isInCalendar), Optional.<Event>empty())
                .flatMap(this::item)
                .orElseGet(() -> {
                    gone.add(id);
                    series.put(id, Optional.empty());
                    return CalendarItems.removed(path, id);
                });
    }

    @Override
    public boolean isThere(Item item) {
        return !gone.contains(item.id())
                && event(item.id()).filter(this::isInCalendar).isPresent();
    }

    /** Outside of the window it lives on, and in which calendar it is there is not asked. */
    @Override
    public Optional<Item> missed(Item item) {
        if (item.series().filter(this::isGone).isPresent()) {
            return Optional.empty();
        }
        Optional<Event> there = event(item.id()).filter(event -> isJustOutside(event) || isInCalendar(event));
        there.filter(event -> isWhole(event) || isJustOutside(event)).ifPresent(event -> outside.add(event.getId()));
        return there.flatMap(this::item);
    }

    /** Of a series rounds tell, with what is in it. */
    @Override
    public Single single(Item item) {
        Optional<Event> found = event(item.id());
        if (found.filter(CalendarReader::isWhole).isPresent()) {
            return new Single.Unsaid();
        }
        Optional<Event> there = found.filter(event -> isJustOutside(event) || isInCalendar(event));
        there.filter(this::isJustOutside).ifPresent(event -> outside.add(event.getId()));
        return there.flatMap(this::item).<Single>map(Single.There::new).orElseGet(Single.Gone::new);
    }

    @Override
    public boolean isOutside(Item item) {
        return outside.contains(item.id());
    }

    /** By its id an event is found in all calendars of the mailbox. Where Graph does not say in which, it is not called gone. */
    private boolean isInCalendar(Event event) {
        try {
            Calendar calendar = client.users()
                    .byUserId(user)
                    .events()
                    .byEventId(event.getId())
                    .calendar()
                    .get();
            return calendar == null
                    || (Boolean.TRUE.equals(calendar.getIsDefaultCalendar())
                            ? isStandard()
                            : path.endsWith("/" + calendar.getId() + EVENTS));
        } catch (GraphException e) {
            if (!(e.failure() instanceof GraphFailure.Refused refused)) {
                throw e;
            }
            return switch (refused.status()) {
                case 403 -> true;
                // Has it gone meanwhile, or is this only not shown?
                case 404 -> event(event.getId()).isPresent();
                default -> throw e;
            };
        }
    }

    /** Of a series that cannot be said: it is where its occurrences are. */
    private boolean isJustOutside(Event event) {
        return !isWhole(event) && !overlaps(event);
    }

    private boolean isStandard() {
        return path.equals("users/" + user + EVENTS);
    }

    private static boolean isWhole(Event event) {
        return event.getType() == EventType.SeriesMaster;
    }

    private boolean overlaps(Event event) {
        Instant from = CalendarItems.instant(event.getStart());
        Instant until = CalendarItems.instant(event.getEnd());
        return from.isBefore(end()) && (until.isAfter(begin) || (until.equals(from) && !from.isBefore(begin)));
    }

    /** By its id it is found in whichever calendar of the mailbox it is. */
    private Optional<Event> event(String id) {
        return ContainerReader.ifThere(
                () -> client.users().byUserId(user).events().byEventId(id).get(request -> {
                    request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
                    request.queryParameters.select = MEMBERS;
                }));
    }

    /** Empty for an occurrence whose series has gone meanwhile: the next round says so. */
    private Optional<Item> item(Event event) {
        boolean placeOnly = event.getCreatedDateTime() == null && event.getSeriesMasterId() != null;
        if (!placeOnly) {
            return Optional.of(CalendarItems.item(path, event));
        }
        Optional<Event> whole = series(event.getSeriesMasterId());
        if (whole.isEmpty() && !isGone(event.getSeriesMasterId())) {
            String id = event.getId();
            return questions
                    .askNow(id, () -> event(id), Optional.<Event>empty())
                    .map(itself -> CalendarItems.item(path, itself));
        }
        return whole.map(found -> CalendarItems.item(path, CalendarItems.asInSeries(event, found)));
    }

    /** Empty where it is gone, or where nothing is ever heard of it: its occurrences may go on then. */
    private Optional<Event> series(String id) {
        return series.computeIfAbsent(id, master -> questions.askNow(master, () -> event(master), Optional.empty()));
    }

    private boolean isGone(String seriesId) {
        return gone.contains(seriesId) || (series(seriesId).isEmpty() && !questions.isGivenUp(seriesId));
    }
}
