package org.m365connector.sync;

import org.m365connector.problem.ProblemType;

/** What can go wrong with actions and watches. Slugs are API. */
public enum SyncProblem implements ProblemType {
    UNKNOWN_ACTION_TYPE("unknown-action-type", 422),
    INVALID_ACTION("invalid-action", 422),
    REGISTRATION_MISSING("registration-missing", 422),
    REGISTRATION_ENDING("registration-ending", 409),
    NOT_ENTITLED("not-entitled", 403),
    DEADLINE_PASSED("deadline-passed", 422),
    MAILBOX_MISSING("mailbox-missing", 422),
    MAILBOX_NOT_OWN("mailbox-not-own", 422),
    GRAPH_REFUSED("graph-refused", 502),
    OUTCOME_UNKNOWN("outcome-unknown", 502),
    ACTION_ID_REUSED("action-id-reused", 409),
    INVALID_WATCH("invalid-watch", 422),
    CALENDAR_NOT_OWN("calendar-not-own", 422),
    CONTAINER_GONE("container-gone", 410),
    INVALID_DELIVERY("invalid-delivery", 422),
    EVENTS_ARE_PUSHED("events-are-pushed", 409);

    private final String slug;
    private final int status;

    SyncProblem(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    @Override
    public String slug() {
        return slug;
    }

    @Override
    public int status() {
        return status;
    }
}
