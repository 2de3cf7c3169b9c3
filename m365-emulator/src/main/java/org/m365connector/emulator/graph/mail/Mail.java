package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Later;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.transfer.Transfers;

/** Exchange Online, as far as it is emulated. */
public final class Mail {

    /** The seed holds two mails of Ada whose ids differ in the case of one letter. */
    private static final String TWIN = "AAMkADE4YjNlMmFhLTQ1YzctNDlkZi05ZjE2LTdhYjJjM2Q0ZTVmNgBGAAAAAAB%sTWINAAA=";

    private static final String IMMUTABLE_TWIN = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A%sTWINAA";

    private final Directory directory;
    private final Mailboxes mailboxes;
    private final MailMessages messages;
    private final PostOffice postOffice;
    private final MailCalls calls;
    private final AttachmentCalls attachments;
    private final MailFolderCalls folderCalls;
    private final Clock clock;

    public Mail(
            Directory directory,
            Changes changes,
            DeltaRounds deltas,
            Transfers transfers,
            Switches switches,
            Later later,
            Clock clock) {
        this.directory = directory;
        this.clock = clock;
        this.mailboxes = new Mailboxes(directory, clock, changes);
        this.messages = new MailMessages(mailboxes::byAddress);
        this.postOffice = new PostOffice(mailboxes, switches, later, clock);
        this.calls = new MailCalls(mailboxes, messages, postOffice, deltas, switches, clock);
        this.attachments = new AttachmentCalls(mailboxes, transfers, switches, clock);
        this.folderCalls = new MailFolderCalls(mailboxes, deltas, switches);
    }

    public void addTo(RouteTable routes) {
        calls.addTo(routes);
        attachments.addTo(routes);
        folderCalls.addTo(routes);
    }

    /** Empty mailboxes but for the seed: a few mails for everybody, enough for a second page in Ben's. */
    public void reset() {
        mailboxes.clear();
        for (UserAccount account : directory.users()) {
            int mails = account.oid().equals(Seed.BEN_OID) ? 25 : account.oid().equals(Seed.ADA_OID) ? 10 : 3;
            for (int n = mails; n >= 1; n--) {
                seed(
                        account,
                        "Welcome to Microsoft 365, part " + (mails - n + 1),
                        Duration.ofHours(n),
                        Optional.empty());
            }
            if (account.oid().equals(Seed.ADA_OID)) {
                seed(account, "One of two whose ids differ in case only", Duration.ofMinutes(20), Optional.of("q"));
                seed(
                        account,
                        "The other of two whose ids differ in case only",
                        Duration.ofMinutes(10),
                        Optional.of("Q"));
            }
        }
    }

    private void seed(UserAccount account, String subject, Duration ago, Optional<String> twin) {
        Mailbox mailbox = mailboxes.of(account);
        ObjectNode input = Json.object().put("subject", subject);
        input.putObject("body").put("contentType", "html").put("content", "<p>" + subject + "</p>");
        ObjectNode mail = messages.make(input, account, clock.instant().minus(ago));
        mail.put("isDraft", false).put("isRead", false);
        mail.set("toRecipients", Json.array().add(MailMessages.recipient(account)));
        ObjectNode from = Json.object();
        from.putObject("emailAddress").put("name", "Microsoft 365").put("address", "noreply@microsoft.example");
        mail.set("from", from);
        mail.set("sender", from.deepCopy());
        if (twin.isPresent()) {
            mailbox.add(
                    mail, mailbox.folder("inbox"), TWIN.formatted(twin.get()), IMMUTABLE_TWIN.formatted(twin.get()));
        } else {
            mailbox.add(mail, mailbox.folder("inbox"));
        }
    }

    /** @throws GraphError 400 where something is selected that no message has */
    public static void checkSelect(Query options) {
        MailMessages.PROPERTIES.select(options);
    }

    /** The ids of a mailbox and a folder that a subscription names; refused like a call that reads it. */
    public FolderRef subscribed(Caller caller, String oidOrUpn, Optional<String> folder) {
        Mailbox mailbox = mailboxes.opened(caller, oidOrUpn);
        return new FolderRef(
                mailbox.owner().oid(), folder.map(name -> mailbox.folder(name).id()));
    }

    /** @param folderId empty: all folders */
    public record FolderRef(String mailbox, Optional<String> folderId) {}

    /** An id of a mail, both kinds. */
    public record MailRef(String id, String immutableId, String etag) {}

    // The control door: somebody in Microsoft 365 does something.

    /**
     * A mail arrives.
     *
     * @param message as in a POST; {@code from} may be anybody
     */
    public MailRef arrive(String mailbox, String folder, ObjectNode message) {
        Mailbox target = mailboxes.any(mailbox);
        ObjectNode mail = messages.make(message, target.owner(), clock.instant());
        mail.put("isDraft", false);
        if (!message.has("isRead")) {
            mail.put("isRead", false);
        }
        if (mail.path("toRecipients").isEmpty()) {
            mail.set("toRecipients", Json.array().add(MailMessages.recipient(target.owner())));
        }
        return ref(target.add(mail, target.folder(folder)));
    }

    /** A mail changes, whatever is in {@code change}. */
    public MailRef change(String mailbox, String id, ObjectNode change) {
        Mailbox target = mailboxes.any(mailbox);
        MailItem item = known(target, id);
        ObjectNode changed = item.entity.deepCopy();
        messages.write(changed, change, true);
        target.change(item, entity -> entity.setAll(changed));
        return ref(item);
    }

    public MailRef move(String mailbox, String id, String folder) {
        Mailbox target = mailboxes.any(mailbox);
        MailItem item = known(target, id);
        target.move(item, target.folder(folder), mail -> {});
        return ref(item);
    }

    /** @param forGood not even Deleted Items has it afterwards */
    public MailRef delete(String mailbox, String id, boolean forGood) {
        Mailbox target = mailboxes.any(mailbox);
        MailItem item = known(target, id);
        if (forGood) {
            target.remove(item);
        } else {
            MailCalls.delete(target, item);
        }
        return ref(item);
    }

    /** The newest mails of a folder, newest first. */
    public List<MailRef> newest(String mailbox, String folder, int count) {
        Mailbox target = mailboxes.any(mailbox);
        List<MailItem> items = target.in(target.folder(folder));
        return items.stream()
                .sorted((a, b) -> Long.compare(b.cameAt, a.cameAt))
                .limit(count)
                .map(Mail::ref)
                .toList();
    }

    /** Object id of the mailbox's owner and id of the folder. */
    public FolderRef folder(String mailbox, String folder) {
        Mailbox target = mailboxes.any(mailbox);
        return new FolderRef(
                target.owner().oid(), Optional.of(target.folder(folder).id()));
    }

    /** @return id of the new folder */
    public String makeFolder(String mailbox, String parent, String name) {
        Mailbox target = mailboxes.any(mailbox);
        return target.makeFolder(target.folder(parent), name).id();
    }

    public void renameFolder(String mailbox, String folder, String name) {
        Mailbox target = mailboxes.any(mailbox);
        target.renameFolder(target.folder(folder), name);
    }

    public void moveFolder(String mailbox, String folder, String parent) {
        Mailbox target = mailboxes.any(mailbox);
        target.moveFolder(target.folder(folder), target.folder(parent));
    }

    /** @param forGood not even Deleted Items has it afterwards */
    public void deleteFolder(String mailbox, String folder, boolean forGood) {
        Mailbox target = mailboxes.any(mailbox);
        if (forGood) {
            target.removeFolder(target.folder(folder));
        } else {
            target.deleteFolder(target.folder(folder));
        }
    }

    private static MailItem known(Mailbox mailbox, String id) {
        return mailbox.find(id).orElseThrow(GraphError::itemNotFound);
    }

    private static MailRef ref(MailItem item) {
        return new MailRef(item.id, item.immutableId, item.etag());
    }
}
