package org.m365connector.events;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of the topics. A portal's topics share the prefix {@code portal.<id>.}, so that Kafka ACLs keep portals apart. */
public final class Topics {

    public static final String PORTALS = "m365.portals";
    public static final String REGISTRATIONS = "m365.registrations";
    public static final String ACCOUNTS = "m365.accounts";
    public static final String ASSIGNMENTS = "m365.assignments";
    public static final String NOTIFICATIONS = "m365.notifications";
    public static final String THROTTLING = "m365.throttling";
    public static final String AUDIT = "m365.audit";

    /** The compacted topics of the suite, the state that every service may read into memory. */
    public static final List<String> COMPACTED = List.of(PORTALS, REGISTRATIONS, ACCOUNTS, ASSIGNMENTS);

    /** Regular expressions for consumers of one kind of topic of every portal; dead letters do not match. */
    public static final String EVERY_ACTIONS = "portal\\.[a-z0-9-]{1,40}\\.actions";

    public static final String EVERY_USERS = "portal\\.[a-z0-9-]{1,40}\\.users";

    private static final Pattern OF_PORTAL = Pattern.compile("portal\\.([a-z0-9-]{1,40})\\..+");

    private static final Pattern KIND = Pattern.compile("portal\\.[a-z0-9-]{1,40}\\.(.+)");

    private Topics() {}

    public static String actions(PortalId portal) {
        return ofPortal(portal, "actions");
    }

    public static String results(PortalId portal) {
        return ofPortal(portal, "results");
    }

    public static String changes(PortalId portal) {
        return ofPortal(portal, "changes");
    }

    public static String logins(PortalId portal) {
        return ofPortal(portal, "logins");
    }

    public static String users(PortalId portal) {
        return ofPortal(portal, "users");
    }

    /** The prefix that all topics of a portal, and its consumer groups, have. */
    public static String prefix(PortalId portal) {
        return "portal." + portal + ".";
    }

    /** Where poison found in that topic goes. */
    public static String deadLetter(String topic) {
        return topic + ".dead-letter";
    }

    /** The portal whose topic this is; the topic, never a payload, says which portal an event belongs to. */
    public static Optional<PortalId> portalOf(String topic) {
        Matcher matcher = OF_PORTAL.matcher(topic);
        return matcher.matches() ? Optional.of(new PortalId(matcher.group(1))) : Optional.empty();
    }

    /** What kind of topic of a portal it is: {@code changes}, {@code results} …. */
    public static Optional<String> kindOf(String topic) {
        Matcher matcher = KIND.matcher(topic);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static String ofPortal(PortalId portal, String kind) {
        return prefix(portal) + kind;
    }
}
