package org.m365connector.events;

import com.fasterxml.jackson.databind.JsonNode;

/** What a Kafka record turned out to be. */
public sealed interface Reading {

    /** A CloudEvent with JSON data ({@code NullNode} where it has none). */
    record Understood(Event<JsonNode> event) implements Reading {}

    /** No value: the key is gone. */
    record Tombstone() implements Reading {}

    /**
     * Not a CloudEvent, or its data is not JSON. It belongs on the dead-letter topic.
     *
     * @param reason one sentence for the operator, without any of the record's content
     */
    record Poison(String reason) implements Reading {}
}
