package org.m365connector.emulator.graph.contacts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaSource;
import org.m365connector.emulator.graph.delta.OutlookDelta;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.switches.Switches;

/** The contacts of one folder. Leaving the folder is a removal, wherever the contact went. */
final class ContactDelta implements DeltaSource {

    private static final Set<String> SUPPORTED = Set.of("select", "top", "skiptoken", "deltatoken");

    private final ContactBook book;
    private final ContactBook.Folder folder;
    private final Switches switches;

    ContactDelta(ContactBook book, ContactBook.Folder folder, Switches switches) {
        this.book = book;
        this.folder = folder;
        this.switches = switches;
    }

    @Override
    public String container() {
        return book.owner().oid() + "/contacts/" + folder.id();
    }

    @Override
    public long position() {
        return book.position();
    }

    @Override
    public String type() {
        return "contact";
    }

    @Override
    public void check(Query options) {
        for (String name : options.names()) {
            if (!SUPPORTED.contains(name)) {
                throw GraphError.of(
                        400,
                        "ErrorInvalidUrlQuery",
                        "The following parameters are not supported with change tracking over the 'Contacts' resource: '$"
                                + name + "'.");
            }
        }
        ContactCalls.PROPERTIES.select(options);
    }

    @Override
    public List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call) {
        boolean immutable = call.prefer().immutableIds();
        List<Contact> present = new ArrayList<>(book.in(folder));
        Set<String> ids = new HashSet<>();
        present.forEach(contact -> ids.add(contact.id(immutable)));
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        if (since != BEGINNING) {
            for (ContactBook.Departure gone : book.departuresFrom(folder)) {
                if (gone.leftAt() > since && gone.cameAt() <= since && !ids.contains(gone.id(immutable))) {
                    entries.add(later -> Optional.of(
                            OutlookDelta.removed(gone.id(later.prefer().immutableIds()))));
                }
            }
        }
        List<String> selected = ContactCalls.PROPERTIES.select(options);
        present.removeIf(contact -> contact.changedAt <= since);
        present.sort(Comparator.comparingLong(contact -> contact.changedAt));
        present.forEach(contact -> entries.add(later -> book.in(folder).contains(contact)
                ? Optional.of(Properties.only(contact.shown(later.prefer().immutableIds()), selected))
                : Optional.empty()));
        return entries;
    }

    @Override
    public int pageSize(Query options, Call call) {
        return call.prefer()
                .maxPageSize()
                .or(() -> options.number("top", 1))
                .orElse(switches.number("paging.contacts.default"));
    }

    @Override
    public GraphError gone(Call call) {
        return OutlookDelta.gone(call);
    }
}
