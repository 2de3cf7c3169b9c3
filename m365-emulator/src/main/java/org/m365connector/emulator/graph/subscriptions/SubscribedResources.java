package org.m365connector.emulator.graph.subscriptions;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.graph.calendar.Calendars;
import org.m365connector.emulator.graph.chats.Chats;
import org.m365connector.emulator.graph.contacts.Contacts;
import org.m365connector.emulator.graph.drives.Drives;
import org.m365connector.emulator.graph.mail.Mail;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.GraphPath;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.teams.Teams;

/** What can be subscribed to, and by whom. */
public final class SubscribedResources {

    private final Mail mail;
    private final Calendars calendars;
    private final Teams teams;
    private final Chats chats;
    private final Drives drives;
    private final Contacts contacts;
    private final Permissions permissions;

    public SubscribedResources(
            Mail mail,
            Calendars calendars,
            Teams teams,
            Chats chats,
            Drives drives,
            Contacts contacts,
            Permissions permissions) {
        this.mail = mail;
        this.calendars = calendars;
        this.teams = teams;
        this.chats = chats;
        this.drives = drives;
        this.contacts = contacts;
        this.permissions = permissions;
    }

    /** What is subscribed to, if the caller may read it: the same right that reading takes. */
    Target opened(Caller caller, String resource) {
        int question = resource.indexOf('?');
        String path = question < 0 ? resource : resource.substring(0, question);
        Query options = options(resource);
        if (path.contains("://")) {
            throw SubscriptionCalls.invalid(
                    "Invalid 'resource' attribute: '" + resource + "'. It must be a relative path.");
        }
        List<String> parts = GraphPath.segments(path);
        String shape = shape(parts);
        if (shape.startsWith("me/") && caller.isApp()) {
            throw GraphError.badRequest("/me request is only valid with delegated authentication flow.");
        }
        String owner = shape.startsWith("me/") ? caller.id() : parts.size() > 1 ? parts.get(1) : "";
        return switch (shape) {
            case "me/messages", "users/{id}/messages" -> {
                permissions.check(Workload.OUTLOOK, "GET", "/users/{id}/messages", caller);
                yield mails(mail.subscribed(caller, owner, Optional.empty()), options);
            }
            case "me/mailfolders/{id}/messages", "users/{id}/mailfolders/{id}/messages" -> {
                permissions.check(Workload.OUTLOOK, "GET", "/users/{id}/mailFolders/{id}/messages", caller);
                yield mails(mail.subscribed(caller, owner, Optional.of(parts.get(parts.size() - 2))), options);
            }
            case "me/events", "users/{id}/events" -> {
                permissions.check(Workload.OUTLOOK, "SUBSCRIBE", "/users/{id}/events", caller);
                yield events(calendars.subscribed(caller, owner, Optional.empty()), options);
            }
            case "me/calendars/{id}/events", "users/{id}/calendars/{id}/events" -> {
                permissions.check(Workload.OUTLOOK, "SUBSCRIBE", "/users/{id}/calendars/{id}/events", caller);
                yield events(calendars.subscribed(caller, owner, Optional.of(parts.get(parts.size() - 2))), options);
            }
            case "me/contacts", "users/{id}/contacts" -> {
                permissions.check(Workload.OUTLOOK, "GET", "/users/{id}/contacts", caller);
                yield contacts(contacts.subscribed(caller, owner, Optional.empty()), options);
            }
            case "me/contactfolders/{id}/contacts", "users/{id}/contactfolders/{id}/contacts" -> {
                permissions.check(Workload.OUTLOOK, "GET", "/users/{id}/contacts", caller);
                yield contacts(contacts.subscribed(caller, owner, Optional.of(parts.get(parts.size() - 2))), options);
            }
            case "me/drive/root", "users/{id}/drive/root" -> {
                permissions.check(Workload.ONEDRIVE, "SUBSCRIBE", "/users/{id}/drive/root", caller);
                yield new Target.DriveRoot(drives.subscribedOf(caller, owner));
            }
            case "drives/{id}/root" -> {
                permissions.check(Workload.ONEDRIVE, "SUBSCRIBE", "/drives/{id}/root", caller);
                yield new Target.DriveRoot(drives.subscribed(caller, parts.get(1)));
            }
            case "teams/{id}/channels/{id}/messages" -> {
                permissions.check(Workload.TEAMS, "GET", "/teams/{id}/channels/{id}/messages", caller);
                teams.checkSubscribed(caller, parts.get(1), parts.get(3));
                yield Target.ChannelMessages.of(
                        caller.tenantId(),
                        Optional.of(parts.get(1)),
                        Optional.of(parts.get(3)),
                        options.text("filter"),
                        options.text("search"));
            }
            case "teams/{id}/channels" -> {
                permissions.check(Workload.TEAMS, "GET", "/teams/{id}/channels", caller);
                teams.checkSubscribed(caller, parts.get(1));
                yield new Target.Channels(caller.tenantId(), parts.get(1));
            }
            case "teams/getallmessages" -> {
                permissions.check(Workload.TEAMS, "GET", "/teams/getAllMessages", caller);
                yield Target.ChannelMessages.of(
                        caller.tenantId(),
                        Optional.empty(),
                        Optional.empty(),
                        options.text("filter"),
                        options.text("search"));
            }
            case "chats/{id}/messages" -> {
                permissions.check(Workload.TEAMS, "GET", "/chats/{id}/messages", caller);
                chats.checkSubscribed(caller, parts.get(1));
                yield Target.ChatMessages.of(
                        caller.tenantId(), Optional.of(parts.get(1)), Optional.empty(), options.text("filter"));
            }
            case "chats/getallmessages" -> {
                permissions.check(Workload.TEAMS, "GET", "/chats/getAllMessages", caller);
                yield Target.ChatMessages.of(
                        caller.tenantId(), Optional.empty(), Optional.empty(), options.text("filter"));
            }
            case "me/chats/getallmessages", "users/{id}/chats/getallmessages" -> {
                permissions.check(Workload.TEAMS, "SUBSCRIBE", "/users/{id}/chats/getAllMessages", caller);
                yield Target.ChatMessages.of(
                        caller.tenantId(),
                        Optional.empty(),
                        Optional.of(chats.subscribedUser(caller, owner)),
                        options.text("filter"));
            }
            default -> throw SubscriptionCalls.invalid("Invalid 'resource' attribute: '" + resource + "'.");
        };
    }

    static Query options(String resource) {
        int question = resource.indexOf('?');
        return Query.parse(question < 0 ? "" : resource.substring(question + 1).replace("+", "%2B"));
    }

    private static Target events(Calendars.CalendarRef calendar, Query options) {
        return Target.Events.of(calendar.mailbox(), calendar.calendar(), options.text("filter"));
    }

    private static Target contacts(Contacts.FolderRef folder, Query options) {
        return Target.Contacts.of(folder.mailbox(), folder.folderId(), options.text("filter"));
    }

    private static Target mails(Mail.FolderRef folder, Query options) {
        Mail.checkSelect(options);
        return Target.Mails.of(folder.mailbox(), folder.folderId(), options.text("filter"));
    }

    /** The path with its ids blanked out, in lower case. */
    private static String shape(List<String> parts) {
        Set<String> keyed =
                Set.of("users", "mailfolders", "contactfolders", "calendars", "drives", "teams", "channels", "chats");
        StringBuilder shape = new StringBuilder();
        boolean id = false;
        for (String part : parts) {
            String name = part.toLowerCase(Locale.ROOT);
            boolean function = name.equals("getallmessages");
            shape.append(shape.length() == 0 ? "" : "/").append(id && !function ? "{id}" : name);
            id = !id && keyed.contains(name);
        }
        return shape.toString();
    }
}
