package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaSource;
import org.m365connector.emulator.graph.delta.OutlookDelta;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.switches.Switches;

/** All folders of a mailbox in one list, however deep they lie. Mails that come and go in a folder do not change it. */
final class FolderTreeDelta implements DeltaSource {

    private static final Set<String> SUPPORTED = Set.of("select", "top", "skiptoken", "deltatoken");

    private final Mailbox mailbox;
    private final Switches switches;

    FolderTreeDelta(Mailbox mailbox, Switches switches) {
        this.mailbox = mailbox;
        this.switches = switches;
    }

    @Override
    public String container() {
        return mailbox.owner().oid() + "/mailFolders";
    }

    @Override
    public long position() {
        return mailbox.position();
    }

    @Override
    public String type() {
        return "mailFolder";
    }

    @Override
    public void check(Query options) {
        for (String name : options.names()) {
            if (!SUPPORTED.contains(name)) {
                throw GraphError.of(
                        400,
                        "ErrorInvalidUrlQuery",
                        "The following parameters are not supported with change tracking over the 'MailFolders' resource:"
                                + " '$" + name + "'.");
            }
        }
    }

    @Override
    public List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call) {
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        if (since != BEGINNING) {
            for (Departure departure : mailbox.goneFolders()) {
                if (departure.leftAt() > since && departure.cameAt() <= since) {
                    entries.add(later -> Optional.of(OutlookDelta.removed(departure.id())));
                }
            }
        }
        mailbox.folders().stream()
                .filter(folder -> !folder.hidden() && folder.parentId().isPresent())
                .filter(folder -> folder.changedAt > since)
                .sorted(Comparator.comparingLong(folder -> folder.changedAt))
                .forEach(folder -> entries.add(
                        later -> mailbox.findFolder(folder.id()).map(found -> MailFolderCalls.shown(mailbox, found))));
        return entries;
    }

    @Override
    public int pageSize(Query options, Call call) {
        return call.prefer()
                .maxPageSize()
                .or(() -> options.number("top", 1))
                .orElse(switches.number("paging.mailFolders.default"));
    }

    @Override
    public GraphError gone(Call call) {
        return OutlookDelta.gone(call);
    }
}
