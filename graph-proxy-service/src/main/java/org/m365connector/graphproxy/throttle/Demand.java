package org.m365connector.graphproxy.throttle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a call takes of Graph's limits.
 *
 * @param app client id, whose limits they are
 * @param homes the scopes that a 429 closes, one for each call: a batch has as many as it has items
 */
public record Demand(String app, List<String> homes, List<Need> needs) {

    /** A batch: what its items take, in their order. Of calls at once it takes only one for each that Graph runs at once. */
    public static Demand together(String app, List<Demand> items) {
        Map<String, Need> sum = new LinkedHashMap<>();
        List<String> homes = new ArrayList<>();
        for (Demand item : items) {
            homes.addAll(item.homes());
            for (Need need : item.needs()) {
                sum.merge(need.scope(), need, (before, more) -> before.times(more.permits()));
            }
        }
        return new Demand(app, List.copyOf(homes), List.copyOf(sum.values()));
    }
}
