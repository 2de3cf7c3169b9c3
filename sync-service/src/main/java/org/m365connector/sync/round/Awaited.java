package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.change.ToldStates;
import org.m365connector.sync.watch.Container;

/** What notifications have named before a round began, and what of it the round has answered. */
final class Awaited {
    private final Map<String, OpenHint> open = new LinkedHashMap<>();
    private final Map<String, ToldStates.State> told;
    private final Set<String> answered = new HashSet<>();

    /** @param told by their ids: what the portal knew when the round began */
    Awaited(List<OpenHint> hints, Map<String, ToldStates.State> told) {
        this.told = new HashMap<>(told);
        for (OpenHint hint : hints) {
            open.put(hint.resourceId, hint);
            if (hint.isToldBy(Optional.ofNullable(told.get(hint.resourceId)))) {
                answered.add(hint.resourceId);
            }
        }
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /** A page shows these. */
    void shown(List<Item> items) {
        for (Item item : items) {
            OpenHint hint = open.get(item.id());
            if (hint != null && hint.isShownBy(item)) {
                answered.add(item.id());
            }
        }
    }

    /** A look at it has said what there is to say. */
    void answered(String id) {
        answered.add(id);
    }

    Set<String> answered() {
        return Set.copyOf(answered);
    }

    boolean isKnown(String id) {
        return told.containsKey(id);
    }

    /**
     * What so many rounds have not shown, and is to be asked for itself; of each id and path only.
     *
     * @param most so many at once
     */
    List<Item> overdue(Container container, int looks, int most) {
        return open.values().stream()
                .filter(hint -> hint.looks >= looks && !answered.contains(hint.resourceId))
                .limit(most)
                .map(hint -> new Item(
                        hint.resourceId,
                        container.kind().items(container.path()) + hint.pathBelow(),
                        true,
                        "",
                        Instant.EPOCH,
                        Instant.EPOCH,
                        JsonNodeFactory.instance.objectNode().put("id", hint.resourceId),
                        Map.of()))
                .toList();
    }

    /** Whether it was looked for so often that nothing more is to be expected. */
    boolean isHopeless(String id, int looks) {
        return open.get(id).looks >= looks;
    }
}
