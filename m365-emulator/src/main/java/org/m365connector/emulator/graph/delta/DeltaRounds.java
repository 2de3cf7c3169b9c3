package org.m365connector.emulator.graph.delta;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Opaque;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * Delta rounds over any container. A round is fixed when it begins: what changes while its pages are fetched comes in the
 * next round. Tokens are opaque, options are baked into them, and they die by age, by {@link #forget} and with the emulator.
 *
 * <p>Switches make a round as unfriendly as Microsoft allows: items in any order, empty pages, items of earlier rounds again. One
 * that is {@link HeldBack} shows nothing new to whoever goes on from a link.
 */
public final class DeltaRounds {

    private static final int ROUNDS_KEPT = 1000;

    /** What a delta link stands for. */
    record Mark(String container, long since, String options, long issuedAt, int generation) {}

    /** What a next link stands for. */
    record Place(long round, int offset) {}

    private record Round(
            String container,
            String options,
            long until,
            List<Function<Call, Optional<ObjectNode>>> entries,
            boolean emptyPageFirst) {}

    private final Map<Long, Round> rounds = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Round> eldest) {
            return size() > ROUNDS_KEPT;
        }
    };
    private final Opaque opaque = new Opaque();
    private final Switches switches;
    private final HeldBack heldBack;
    private final Clock clock;
    private final Random random = new Random(42);
    private long lastRound;
    private int generation;

    public DeltaRounds(Switches switches, HeldBack heldBack, Clock clock) {
        this.switches = switches;
        this.heldBack = heldBack;
        this.clock = clock;
    }

    /** Every token given out so far is answered 410 from now on. */
    public void forget() {
        rounds.clear();
        generation++;
    }

    public Reply page(Call call, DeltaSource source) {
        Query query = call.query();
        if (source.oneToken() && query.has("token")) {
            return pageOfToken(call, source, query.text("token").orElse(""));
        }
        Optional<String> skip = query.text("skiptoken");
        Optional<String> delta = query.text("deltatoken").filter(token -> !token.isEmpty());
        if (skip.isEmpty() && delta.isEmpty()) {
            source.check(query);
            return show(call, source, begin(source, DeltaSource.BEGINNING, optionsOf(query), call), 0);
        }
        if (query.names().size() > 1) {
            throw GraphError.of(
                    400,
                    "ErrorInvalidUrlQuery",
                    "Query options belong to the first call of a round and cannot be added to its links.");
        }
        if (skip.isPresent()) {
            Place place = opaque.open(skip.get(), Place.class)
                    .filter(open -> rounds.containsKey(open.round()))
                    .filter(open -> rounds.get(open.round()).container().equals(source.container()))
                    .orElseThrow(() -> source.gone(call));
            return show(call, source, place.round(), place.offset());
        }
        Mark mark = opaque.open(delta.get(), Mark.class)
                .filter(this::alive)
                .filter(open -> open.container().equals(source.container()))
                .orElseThrow(() -> source.gone(call));
        return show(call, source, begin(source, mark.since(), mark.options(), call), 0);
    }

    /** The word {@code latest} stands for now: an empty round, and a link to go on with. */
    private Reply pageOfToken(Call call, DeltaSource source, String token) {
        if (token.equals("latest")) {
            source.check(call.query());
            String options = Query.parse(optionsOf(call.query())).without("token");
            return show(call, source, begin(source, source.position(), options, call), 0);
        }
        Optional<Place> place = opaque.open(token, Place.class)
                .filter(open -> rounds.containsKey(open.round()))
                .filter(open -> rounds.get(open.round()).container().equals(source.container()));
        if (place.isPresent()) {
            return show(call, source, place.get().round(), place.get().offset());
        }
        Mark mark = opaque.open(token, Mark.class)
                .filter(open -> open.container() != null && alive(open))
                .filter(open -> open.container().equals(source.container()))
                .orElseThrow(() -> source.gone(call));
        return show(call, source, begin(source, mark.since(), mark.options(), call), 0);
    }

    private static String link(DeltaSource source, String name, String token) {
        return (source.oneToken() ? "token" : name) + "=" + token;
    }

    private boolean alive(Mark mark) {
        long age = clock.instant().getEpochSecond() - mark.issuedAt();
        return mark.generation() == generation && age < switches.number("delta.tokenSeconds");
    }

    private static String optionsOf(Query query) {
        return query.without("deltatoken");
    }

    private long begin(DeltaSource source, long since, String options, Call call) {
        Query parsed = Query.parse(options);
        List<Function<Call, Optional<ObjectNode>>> entries = new ArrayList<>();
        if (since != DeltaSource.BEGINNING && heldBack.isHeld(call)) {
            rounds.put(++lastRound, new Round(source.container(), options, since, entries, false));
            return lastRound;
        }
        int replays = switches.number("delta.replays");
        if (since != DeltaSource.BEGINNING && replays > 0) {
            List<Function<Call, Optional<ObjectNode>>> again = source.changes(DeltaSource.BEGINNING, parsed, call);
            entries.addAll(again.subList(Math.max(0, again.size() - replays), again.size()));
        }
        entries.addAll(source.changes(since, parsed, call));
        if (switches.flag("delta.shuffle") && !parsed.has("orderby") && replays == 0) {
            Collections.shuffle(entries, random);
        }
        long round = ++lastRound;
        rounds.put(
                round,
                new Round(source.container(), options, source.position(), entries, switches.flag("delta.emptyPages")));
        return round;
    }

    private Reply show(Call call, DeltaSource source, long id, int offset) {
        Round round = rounds.get(id);
        ObjectNode page = Json.object().put("@odata.context", call.context("Collection(" + source.type() + ")"));
        int size = source.pageSize(Query.parse(round.options()), call);
        boolean empty = round.emptyPageFirst() && offset == 0;
        // An empty page is told from the first one by its offset: -1 is "from the beginning, but not empty".
        int from = Math.max(0, offset);
        int to = empty ? from : Math.min(round.entries().size(), from + size);
        String link;
        if (empty || to < round.entries().size()) {
            link = link(source, "$skiptoken", opaque.seal(new Place(id, empty ? -1 : to)));
            page.put("@odata.nextLink", call.link(link));
        } else {
            Mark mark = new Mark(
                    round.container(),
                    round.until(),
                    round.options(),
                    clock.instant().getEpochSecond(),
                    generation);
            page.put("@odata.deltaLink", call.link(link(source, "$deltatoken", opaque.seal(mark))));
        }
        ArrayNode items = page.putArray("value");
        for (Function<Call, Optional<ObjectNode>> entry : round.entries().subList(from, to)) {
            entry.apply(call).ifPresent(item -> {
                ObjectNode typed = Json.object().put("@odata.type", "#microsoft.graph." + source.type());
                typed.setAll(item);
                items.add(typed);
            });
        }
        return Reply.ok(page);
    }
}
