package org.m365connector.emulator.graph;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.graph.calendar.Calendars;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.chats.Chats;
import org.m365connector.emulator.graph.contacts.Contacts;
import org.m365connector.emulator.graph.drives.Drives;
import org.m365connector.emulator.graph.mail.Mail;
import org.m365connector.emulator.graph.protocol.GraphPath;
import org.m365connector.emulator.graph.teams.Teams;

/** Which container a resource names, with ids or names, for {@code GET /_emulator/truth}. */
final class TruthResources {

    private final Mail mail;
    private final Calendars calendars;
    private final Teams teams;
    private final Chats chats;
    private final Drives drives;
    private final Contacts contacts;

    TruthResources(Mail mail, Calendars calendars, Teams teams, Chats chats, Drives drives, Contacts contacts) {
        this.mail = mail;
        this.calendars = calendars;
        this.teams = teams;
        this.chats = chats;
        this.drives = drives;
        this.contacts = contacts;
    }

    /** @throws IllegalArgumentException where it names none */
    String container(String resource) {
        if (resource == null) {
            throw new IllegalArgumentException("which resource?");
        }
        List<String> parts = GraphPath.segments(resource);
        Optional<String> found = parts.size() < 2
                ? Optional.empty()
                : switch (parts.get(0).toLowerCase(Locale.ROOT)) {
                    case "users" -> ofUser(parts);
                    case "teams" -> ofTeam(parts);
                    case "drives" -> Optional.of(Change.DriveItem.container(parts.get(1)));
                    case "chats" ->
                        Optional.of(Change.ChatMessage.container(chats.chatId(parts.get(1))
                                .orElseThrow(() -> new IllegalArgumentException("there is no chat " + parts.get(1)))));
                    default -> Optional.empty();
                };
        return found.orElseThrow(() -> new IllegalArgumentException(
                "a resource is users/{user}/mailFolders/{folder}/messages, users/{user}[/calendars/{calendar}]/events,"
                        + " users/{user}/drive,"
                        + " users/{user}/contacts, users/{user}/contactFolders/{folder}/contacts, drives/{drive},"
                        + " teams/{team}/channels[/{channel}/messages] or chats/{chat}/messages, not " + resource));
    }

    private Optional<String> ofUser(List<String> parts) {
        String user = parts.get(1);
        String what = parts.size() < 3 ? "" : parts.get(2).toLowerCase(Locale.ROOT);
        if (parts.size() >= 4 && what.equals("mailfolders")) {
            Mail.FolderRef folder = mail.folder(user, parts.get(3));
            return Optional.of(
                    Change.Mail.container(folder.mailbox(), folder.folderId().orElseThrow()));
        }
        if (what.equals("contacts") || (parts.size() >= 4 && what.equals("contactfolders"))) {
            Contacts.FolderRef folder = contacts.folder(user, what.equals("contacts") ? "contacts" : parts.get(3));
            return Optional.of(Change.Contact.container(folder.mailbox(), folder.folderId()));
        }
        if (what.equals("events") || (parts.size() >= 4 && what.equals("calendars"))) {
            Calendars.CalendarRef calendar =
                    calendars.calendar(user, what.equals("events") ? Optional.empty() : Optional.of(parts.get(3)));
            return Optional.of(Change.Event.container(calendar.mailbox(), calendar.calendar()));
        }
        return switch (what) {
            case "drive" -> Optional.of(Change.DriveItem.container(drives.id(user)));
            default -> Optional.empty();
        };
    }

    private Optional<String> ofTeam(List<String> parts) {
        String team = teams.teamId(parts.get(1))
                .orElseThrow(() -> new IllegalArgumentException("there is no team " + parts.get(1)));
        if (parts.size() < 3 || !parts.get(2).equalsIgnoreCase("channels")) {
            return Optional.empty();
        }
        if (parts.size() == 3) {
            return Optional.of(Change.Channel.container(team));
        }
        String channel = teams.channelId(team, parts.get(3))
                .orElseThrow(() -> new IllegalArgumentException("there is no channel " + parts.get(3)));
        return Optional.of(Change.ChannelMessage.container(team, channel));
    }
}
