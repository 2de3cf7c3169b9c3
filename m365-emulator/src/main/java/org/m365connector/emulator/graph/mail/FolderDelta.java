package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaSource;
import org.m365connector.emulator.graph.delta.OutlookDelta;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Filter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.switches.Switches;

/** The mails of one folder. Leaving the folder is a removal, wherever the mail went. */
final class FolderDelta implements DeltaSource {

    private static final Set<String> UNSUPPORTED = Set.of("search", "skip", "count");
    private static final int FILTERED_AT_MOST = 5000;

    private final Mailbox mailbox;
    private final MailFolder folder;
    private final Switches switches;

    FolderDelta(Mailbox mailbox, MailFolder folder, Switches switches) {
        this.mailbox = mailbox;
        this.folder = folder;
        this.switches = switches;
    }

    @Override
    public String container() {
        return mailbox.owner().oid() + "/" + folder.id();
    }

    @Override
    public long position() {
        return mailbox.position();
    }

    @Override
    public String type() {
        return "message";
    }

    @Override
    public void check(Query options) {
        for (String name : options.names()) {
            if (UNSUPPORTED.contains(name)) {
                throw unsupported(name);
            }
        }
        MailMessages.PROPERTIES.select(options);
        options.text("filter").ifPresent(text -> {
            if (!text.matches("(?i)\\s*receivedDateTime\\s+(ge|gt)\\s+\\S+\\s*")) {
                throw unsupported("filter");
            }
            Filter.parse(text);
        });
        options.text("orderby").ifPresent(text -> {
            if (!text.matches("(?i)\\s*receivedDateTime\\s+desc\\s*")) {
                throw unsupported("orderby");
            }
        });
        options.text("changetype").ifPresent(type -> {
            if (!Set.of("created", "updated", "deleted").contains(type)) {
                throw GraphError.of(400, "ErrorInvalidUrlQuery", "Invalid change type '" + type + "'.");
            }
        });
    }

    private static GraphError unsupported(String option) {
        return OutlookDelta.unsupported("Messages", option);
    }

    @Override
    public List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call) {
        boolean immutable = call.prefer().immutableIds();
        Optional<Filter> filter = options.text("filter").map(Filter::parse);
        String only = options.text("changetype").orElse("").toLowerCase(Locale.ROOT);
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        Set<String> present = new HashSet<>();
        List<MailItem> items = new ArrayList<>(mailbox.in(folder));
        items.forEach(item -> present.add(item.id(immutable)));
        if (since != BEGINNING && (only.isEmpty() || only.equals("deleted"))) {
            for (Departure departure : mailbox.departuresFrom(folder)) {
                if (departure.leftAt() > since
                        && departure.cameAt() <= since
                        && !present.contains(departure.id(immutable))) {
                    entries.add(later -> Optional.of(removed(departure, later)));
                }
            }
        }
        items.removeIf(item -> item.changedAt <= since
                || filter.filter(f -> !f.matches(item.entity)).isPresent());
        if (!only.isEmpty()) {
            items.removeIf(item -> !only.equals(item.cameAt > since ? "created" : "updated"));
        }
        items.sort(
                options.has("orderby")
                        ? Comparator.comparing((MailItem item) ->
                                        item.entity.path("receivedDateTime").asText())
                                .reversed()
                        : Comparator.comparingLong(item -> item.changedAt));
        List<MailItem> shown =
                filter.isPresent() && items.size() > FILTERED_AT_MOST ? items.subList(0, FILTERED_AT_MOST) : items;
        for (MailItem item : shown) {
            entries.add(later ->
                    item.folder.equals(folder) && mailbox.find(item.immutableId).isPresent()
                            ? Optional.of(MailMessages.shown(item, MailView.of(later, options)))
                            : Optional.empty());
        }
        return entries;
    }

    private static ObjectNode removed(Departure departure, Call call) {
        return OutlookDelta.removed(departure.id(call.prefer().immutableIds()));
    }

    @Override
    public int pageSize(Query options, Call call) {
        Optional<Integer> preferred = call.prefer().maxPageSize();
        return preferred.or(() -> options.number("top", 1)).orElse(switches.number("paging.mailMessages.default"));
    }

    @Override
    public GraphError gone(Call call) {
        return OutlookDelta.gone(call);
    }
}
