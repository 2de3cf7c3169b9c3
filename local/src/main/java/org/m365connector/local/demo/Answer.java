package org.m365connector.local.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;
import org.m365connector.local.suite.LocalException;

/** What an HTTP call was answered. */
public record Answer(String call, int status, HttpHeaders headers, String text) {

    public JsonNode json() {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new LocalException(this + " is not JSON", e);
        }
    }

    /** The same answer, if it has this status. */
    public Answer expect(int expected) {
        if (status != expected) {
            throw new LocalException(call + " was answered " + status + " instead of " + expected + ": " + shortened());
        }
        return this;
    }

    /** The last part of a problem's type, such as {@code not-assigned}; empty if this is no problem. */
    public String problem() {
        String type = text.startsWith("{") ? json().path("type").asText() : "";
        return type.substring(type.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
        return call + " → " + status + " " + shortened();
    }

    private String shortened() {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= 400 ? line : line.substring(0, 400) + "…";
    }
}
