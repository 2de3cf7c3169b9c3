package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The properties that a type has: what may be selected, filtered by and written. Named in any case, kept in Microsoft's. */
public final class Properties {

    private final String type;
    private final List<String> names;

    /** @param type full name, for error texts */
    public Properties(String type, String... names) {
        this.type = type;
        this.names = List.of(names);
    }

    public List<String> select(Query query) {
        List<String> selected = new ArrayList<>();
        for (String asked : query.text("select").orElse("").split(",", -1)) {
            String name = asked.trim();
            if (name.isEmpty()) {
                continue;
            }
            selected.add(canonical(name)
                    .orElseThrow(
                            () -> GraphError.badRequest("Parsing OData Select and Expand failed: " + unknown(name))));
        }
        return selected;
    }

    public Optional<Filter> filter(Query query) {
        return query.text("filter").map(text -> {
            Filter filter = Filter.parse(text);
            for (String name : filter.properties()) {
                if (canonical(name).isEmpty()) {
                    throw GraphError.badRequest("Invalid filter clause: " + unknown(name));
                }
            }
            return filter;
        });
    }

    public Optional<String> canonical(String name) {
        return names.stream().filter(name::equalsIgnoreCase).findFirst();
    }

    /** Refuses a body that holds a property that the type does not have. */
    public void check(JsonNode body) {
        body.properties().forEach(entry -> {
            String name = entry.getKey();
            if (!name.contains("@") && canonical(name).isEmpty()) {
                throw GraphError.of(
                        400,
                        "RequestBodyRead",
                        "The property '" + name + "' does not exist on type '" + type
                                + "'. Make sure to only use property names that are defined by the type.");
            }
        });
    }

    /** Only the selected properties, besides annotations and the id. Nothing selected: everything. */
    public static ObjectNode only(ObjectNode entity, List<String> selected) {
        if (!selected.isEmpty()) {
            List<String> drop = new ArrayList<>();
            entity.fieldNames().forEachRemaining(name -> {
                if (!name.contains("@") && !name.equals("id") && !selected.contains(name)) {
                    drop.add(name);
                }
            });
            entity.remove(drop);
        }
        return entity;
    }

    private String unknown(String name) {
        return "Could not find a property named '" + name + "' on type '" + type + "'.";
    }
}
