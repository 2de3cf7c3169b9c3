package org.m365connector.emulator.directory;

import java.util.List;

/** A directory. {@code domains} may stand for the id in an authority; a personal tenant has no administrator. */
public record Tenant(String id, String displayName, List<String> domains, boolean personal) {

    public Tenant {
        domains = List.copyOf(domains);
    }
}
