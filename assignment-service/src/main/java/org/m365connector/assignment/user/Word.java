package org.m365connector.assignment.user;

/** What somebody says of a portal user, and whether it still counts. */
@FunctionalInterface
interface Word {

    /** Whatever was said before. */
    Word LAST = () -> true;

    /** Asked under the locks of the portal and its registrations, before the user is locked. */
    boolean counts();
}
