package org.m365connector.emulator.graph.teams;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A team with its channels and members. */
final class Team {

    final String id;
    final String tenantId;
    final String displayName;
    final Instant createdAt;
    final Map<String, Channel> channels = new LinkedHashMap<>();
    /** For some weeks an owner can restore them. */
    final Map<String, Channel> deletedChannels = new LinkedHashMap<>();

    final Set<String> owners = new LinkedHashSet<>();
    final Set<String> members = new LinkedHashSet<>();

    Team(String id, String tenantId, String displayName, Instant createdAt) {
        this.id = id;
        this.tenantId = tenantId;
        this.displayName = displayName;
        this.createdAt = createdAt;
    }

    boolean has(String oid) {
        return owners.contains(oid) || members.contains(oid);
    }
}
