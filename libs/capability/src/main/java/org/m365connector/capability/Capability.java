package org.m365connector.capability;

import java.util.Set;

/**
 * One row of the table.
 *
 * @param possibleFor the kinds of login that Graph has a permission for
 * @param instead what to do with the others, in words that need no translation
 */
public record Capability(OperationTemplate template, Set<LoginKind> possibleFor, String instead) {

    public Capability {
        possibleFor = Set.copyOf(possibleFor);
    }

    /** {@code POST /teams/{id}/channels/{id}/messages}. */
    public String operation() {
        return template.toString();
    }

    public boolean matches(Operation operation) {
        return template.matches(operation);
    }
}
