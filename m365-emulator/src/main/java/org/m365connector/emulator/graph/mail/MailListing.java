package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Filter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.switches.Switches;

/** Filters, sorts and pages mails. Pages go by {@code $skip}, so they shift when mails come and go meanwhile. */
final class MailListing {

    private final Switches switches;

    MailListing(Switches switches) {
        this.switches = switches;
    }

    Reply page(Call call, String context, List<MailItem> mails) {
        Query query = call.query();
        MailView view = MailView.of(call);
        List<MailItem> found = new ArrayList<>(mails);
        Optional<Filter> filter = MailMessages.PROPERTIES.filter(query);
        filter.ifPresent(f -> found.removeIf(item -> !f.matches(item.entity)));
        query.text("search").ifPresent(text -> {
            if (query.has("filter") || query.has("orderby")) {
                throw GraphError.of(
                        400,
                        "SearchWithOrderBy",
                        "The query parameter '$search' is not supported with '$orderby' or '$filter'.");
            }
            String words = text.replace("\"", "").toLowerCase(Locale.ROOT);
            found.removeIf(item -> !searched(item).contains(words));
        });
        found.sort(order(query, filter));
        int most = switches.number("paging.mailMessages.max");
        int size = Math.min(
                most,
                query.number("top", 1)
                        .or(() -> call.prefer().maxPageSize())
                        .orElse(switches.number("paging.mailMessages.default")));
        int from = Math.min(query.number("skip", 0).orElse(0), found.size());
        int to = Math.min(from + size, found.size());
        ObjectNode page = Json.object();
        page.put(
                "@odata.context",
                call.context(
                        context + (view.selected().isEmpty() ? "" : "(" + String.join(",", view.selected()) + ")")));
        if (query.flag("count")) {
            page.put("@odata.count", found.size());
        }
        ArrayNode value = page.putArray("value");
        found.subList(from, to).forEach(item -> value.add(MailMessages.shown(item, view)));
        if (to < found.size()) {
            page.put("@odata.nextLink", call.link(query.with("skip", Integer.toString(to))));
        }
        return Reply.ok(page);
    }

    private static String searched(MailItem item) {
        return (item.entity.path("subject").asText() + " "
                        + item.entity.path("body").path("content").asText() + " " + item.entity.path("from"))
                .toLowerCase(Locale.ROOT);
    }

    private static Comparator<MailItem> order(Query query, Optional<Filter> filter) {
        Comparator<MailItem> newestFirst = Comparator.comparing(
                        (MailItem item) -> item.entity.path("receivedDateTime").asText())
                .thenComparing(item -> item.cameAt)
                .reversed();
        Optional<String> asked = query.text("orderby");
        if (asked.isEmpty()) {
            return newestFirst;
        }
        List<String> names = new ArrayList<>();
        Optional<Comparator<MailItem>> order = Optional.empty();
        for (String part : asked.get().split(",", -1)) {
            List<String> words = List.of(part.trim().split("\\s+", -1));
            List<String> path = List.of(words.get(0).split("/", -1));
            String name = MailMessages.PROPERTIES
                    .canonical(path.get(0))
                    .orElseThrow(() -> GraphError.badRequest("Could not find a property named '" + path.get(0)
                            + "' on type 'microsoft.graph.message'."));
            names.add(name);
            String pointer = "/" + name + words.get(0).substring(path.get(0).length());
            Comparator<MailItem> one = Comparator.comparing(
                    item -> item.entity.at(pointer).asText().toLowerCase(Locale.ROOT));
            boolean descending = words.size() > 1 && words.get(1).equalsIgnoreCase("desc");
            Comparator<MailItem> directed = descending ? one.reversed() : one;
            order = Optional.of(
                    order.map(first -> first.thenComparing(directed)).orElse(directed));
        }
        refuseInefficient(names, filter);
        return order.orElse(newestFirst).thenComparing(newestFirst);
    }

    /** What is sorted by must be filtered by too, first and in the same order. */
    private static void refuseInefficient(List<String> sortedBy, Optional<Filter> filter) {
        if (filter.isEmpty()) {
            return;
        }
        List<String> filteredBy = filter.get().properties().stream()
                .map(name -> MailMessages.PROPERTIES.canonical(name).orElse(name))
                .toList();
        if (filteredBy.size() < sortedBy.size()
                || !filteredBy.subList(0, sortedBy.size()).equals(sortedBy)) {
            throw GraphError.of(
                    400, "InefficientFilter", "The restriction or sort order is too complex for this operation.");
        }
    }
}
