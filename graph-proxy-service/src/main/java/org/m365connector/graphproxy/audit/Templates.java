package org.m365connector.graphproxy.audit;

import java.util.List;
import java.util.Set;

/**
 * Names kinds of calls: {@code GET /users/{id}/messages/{id}}. A segment that is no word of Graph's is an id, so that ids get neither
 * into metrics nor into the audit, and there are only so many names.
 */
public final class Templates {

    private static final int DEEPEST = 8;
    private static final String ID = "/{id}";

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

    private static final Set<String> WORDS =
            Set.of(("$batch $count $ref $value $query accept activities alerts allchannels appcatalogs applications"
                            + " approleassignments assignlicense attachments calendar calendargroups calendars"
                            + " calendarview callrecords calls cancel channels chats checkin checkout children clone"
                            + " columns communications completemigration contactfolders contacts content contenttypes"
                            + " conversations copy createforward createlink createorget createreply createreplyall"
                            + " createuploadsession decline delta devices directory directoryobjects directreports"
                            + " dismissreminder domains drafts drive driveitem driveitems drives educations events"
                            + " extensions fields filesfolder findmeetingtimes follow forward forwardtochat"
                            + " getallmessages getallretainedmessages getallrecordings getalltranscripts getbyids"
                            + " getmailtips getmembergroups getmemberobjects getpresencesbyuserid getschedule"
                            + " gettargetchats grouplifecyclepolicies groups groupsettings hideforuser hostedcontents"
                            + " identity identityprotection inbox incomingchannels inferenceclassification insights"
                            + " installedapps instances invitations invite items joinedteams licensedetails lists"
                            + " mailboxsettings mailfolders manager markchatreadforuser markchatunreadforuser me"
                            + " memberof members messagerules messages move notebooks oauth2permissiongrants onenote"
                            + " onlinemeetings onpremisessynchronization organization outlook overrides owners pages"
                            + " pagecontents people permissiongrants permissions photo photos pinnedmessages places plan"
                            + " planner plans posts presence primarychannel print provisionemail recent recordings"
                            + " removeemail replies reply replyall reports restore root schedule search security"
                            + " securityincidents sections send sendactivitynotification sendmail sentitems"
                            + " serviceprincipals setpresence setreaction sharedwith sharedwithme sharedwithteams shares"
                            + " shifts sites snoozereminder softdelete special startholdmusic subscribedskus"
                            + " subscriptions tabs tags tasks team teams teamsapps teamstemplates teamwork"
                            + " tentativelyaccept termsandconditions threads thumbnails timeoff todo transcripts"
                            + " transitivememberof transitivemembers translateexchangeids undosoftdelete unfollow"
                            + " unhideforuser unsetreaction unsubscribe users versions webhook workbook")
                    .split(" ", -1));

    private Templates() {}

    /** A call whose address means nothing, or more than one thing. */
    public static String unreadable(String method) {
        return (METHODS.contains(method) ? method : "OTHER") + " {unreadable}";
    }

    /** @param segments of the path below the version, in lower case */
    public static String of(String method, List<String> segments) {
        StringBuilder name = new StringBuilder(48)
                .append(METHODS.contains(method) ? method : "OTHER")
                .append(' ');
        int depth = Math.min(DEEPEST, segments.size());
        for (int i = 0; i < depth; i++) {
            String segment = segments.get(i);
            if (WORDS.contains(segment)) {
                name.append('/').append(segment);
            } else {
                name.append(ID);
            }
        }
        return (segments.size() > DEEPEST ? name.append("/…") : name).toString();
    }
}
