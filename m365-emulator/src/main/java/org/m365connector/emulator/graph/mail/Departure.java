package org.m365connector.emulator.graph.mail;

/** A mail that has left a folder, for the folder's delta. */
record Departure(String folderId, String id, String immutableId, long cameAt, long leftAt) {

    String id(boolean immutable) {
        return immutable ? immutableId : id;
    }
}
