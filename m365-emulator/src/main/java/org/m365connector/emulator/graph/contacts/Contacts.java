package org.m365connector.emulator.graph.contacts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Switches;

/** Everybody's contacts, none at first. */
public final class Contacts {

    private final Directory directory;
    private final Changes changes;
    private final Clock clock;
    private final ContactCalls calls;
    private final Map<String, ContactBook> byOid = new HashMap<>();

    public Contacts(Directory directory, Changes changes, DeltaRounds deltas, Switches switches, Clock clock) {
        this.directory = directory;
        this.changes = changes;
        this.clock = clock;
        this.calls = new ContactCalls(this, deltas, switches);
    }

    public void addTo(RouteTable routes) {
        calls.addTo(routes);
    }

    public void reset() {
        byOid.clear();
    }

    /** Object id of the mailbox's owner and id of the folder. */
    public record FolderRef(String mailbox, String folderId) {}

    /** The folder that a subscription names, or the standard one; refused like a call that reads it. */
    public FolderRef subscribed(Caller caller, String oidOrUpn, Optional<String> folder) {
        ContactBook book = opened(caller, oidOrUpn);
        return new FolderRef(
                book.owner().oid(),
                folder.map(book::folder).orElse(book.standard()).id());
    }

    /** His own, or any of the tenant for an app. */
    ContactBook opened(Caller caller, String oidOrUpn) {
        UserAccount owner = directory
                .user(oidOrUpn)
                .filter(account -> account.tenant().id().equals(caller.tenantId()))
                .orElseThrow(() -> GraphError.invalidUser(oidOrUpn));
        if (!caller.isApp() && !owner.oid().equals(caller.id())) {
            throw GraphError.outlookAccessDenied();
        }
        if (!owner.hasMailbox()) {
            throw GraphError.mailboxNotEnabled();
        }
        return of(owner);
    }

    private ContactBook of(UserAccount owner) {
        return byOid.computeIfAbsent(owner.oid(), oid -> new ContactBook(owner, clock, changes));
    }

    // The control door: somebody in Microsoft 365 does something. Folders are named by id or name.

    /** Both ids of a contact, and its version. */
    public record ContactRef(String id, String immutableId, String etag) {}

    /** @param contact as in a POST */
    public ContactRef make(String mailbox, String folder, ObjectNode contact) {
        ContactBook book = any(mailbox);
        return ref(book.add(book.named(folder), ContactCalls.content(contact)));
    }

    public ContactRef change(String mailbox, String id, ObjectNode change) {
        ContactBook book = any(mailbox);
        Contact contact = book.contact(id);
        book.change(contact, ContactCalls.written(change));
        return ref(contact);
    }

    public ContactRef move(String mailbox, String id, String folder) {
        ContactBook book = any(mailbox);
        Contact contact = book.contact(id);
        book.move(contact, book.named(folder));
        return ref(contact);
    }

    /** @param forGood not even Deleted Items has it afterwards */
    public ContactRef delete(String mailbox, String id, boolean forGood) {
        ContactBook book = any(mailbox);
        Contact contact = book.contact(id);
        if (forGood) {
            book.remove(contact);
        } else {
            book.delete(contact);
        }
        return ref(contact);
    }

    /** @return its id */
    public String makeFolder(String mailbox, String displayName) {
        return any(mailbox).makeFolder(displayName).id();
    }

    /** @return its id */
    public String deleteFolder(String mailbox, String folder) {
        ContactBook book = any(mailbox);
        ContactBook.Folder deleted = book.named(folder);
        book.removeFolder(deleted);
        return deleted.id();
    }

    /** The newest contacts of a folder, newest last. */
    public List<ContactRef> newest(String mailbox, String folder, int count) {
        ContactBook book = any(mailbox);
        List<Contact> all = book.in(book.named(folder));
        return all.subList(Math.max(0, all.size() - count), all.size()).stream()
                .map(Contacts::ref)
                .toList();
    }

    public FolderRef folder(String mailbox, String idOrName) {
        ContactBook book = any(mailbox);
        return new FolderRef(book.owner().oid(), book.named(idOrName).id());
    }

    private ContactBook any(String oidOrUpn) {
        return of(directory
                .user(oidOrUpn)
                .orElseThrow(() -> new IllegalArgumentException("there is no user " + oidOrUpn)));
    }

    private static ContactRef ref(Contact contact) {
        return new ContactRef(contact.id, contact.immutableId, contact.etag());
    }
}
