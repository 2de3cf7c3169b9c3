package org.m365connector.graphproxy.throttle;

/** What this replica may have of a limit. */
interface Shares {

    /** Whether the others leave it its whole share now. */
    boolean whole();

    /** 0 where there is none: the others have to be asked, or nothing is surely ours. */
    int of(Need need, boolean whole);

    /** What others may have used of it and not told, who are dead. */
    int untold(Limit limit);

    /** Whether each replica has a share of it as a rule, though ours may be none now. */
    boolean shared(Limit limit);

    /** Whether it cannot be taken so, since the others have to be asked first. */
    boolean asksOthers(Need need, int share, boolean whole);
}
