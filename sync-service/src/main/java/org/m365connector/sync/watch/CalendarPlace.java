package org.m365connector.sync.watch;

import com.microsoft.graph.models.Calendar;
import com.microsoft.graph.models.User;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.graph.GraphAccess;

/** Where a calendar that is named by its id lies. */
final class CalendarPlace {
    private static final String[] NAMES = {"mail", "userPrincipalName"};

    private CalendarPlace() {}

    /**
     * Its id as Graph knows it; empty for the standard calendar of the mailbox, which is watched as such however it is named.
     *
     * @throws CannotBeWatchedException where somebody else has shared it with this mailbox: it stands in the list, but Graph
     *     follows and notifies only of what lies in the mailbox itself
     */
    static Optional<String> named(GraphServiceClient client, String user, String id) {
        Calendar calendar =
                client.users().byUserId(user).calendars().byCalendarId(id).get();
        if (!liesIn(user, calendar, client)) {
            throw new CannotBeWatchedException(SyncProblem.CALENDAR_NOT_OWN);
        }
        return Boolean.TRUE.equals(calendar.getIsDefaultCalendar()) ? Optional.empty() : Optional.of(calendar.getId());
    }

    /** Only whose it is may share it on; an owner may be shown by another of his addresses. */
    private static boolean liesIn(String user, Calendar calendar, GraphServiceClient client) {
        if (Boolean.TRUE.equals(calendar.getCanShare())
                || calendar.getOwner() == null
                || calendar.getOwner().getAddress() == null) {
            return true;
        }
        User owner = client.users().byUserId(user).get(request -> request.queryParameters.select = NAMES);
        String address = calendar.getOwner().getAddress();
        return address.equalsIgnoreCase(owner.getMail()) || address.equalsIgnoreCase(owner.getUserPrincipalName());
    }

    /** Begins to follow a small part of it, as a round does. */
    static void follow(GraphServiceClient client, String user, String calendar, Instant from) {
        String address = "/" + calendar + "/calendarView/delta?startDateTime=" + from + "&endDateTime="
                + from.plus(Duration.ofHours(1));
        client.users()
                .byUserId(user)
                .calendarView()
                .delta()
                .withUrl(GraphAccess.absolute(client, address))
                .get(request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS));
    }
}
