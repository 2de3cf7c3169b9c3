package org.m365connector.sync.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

class PostedActionTest {

    private static final PortalId PORTAL = new PortalId("demo");
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static Event<JsonNode> posted(String json) throws JsonProcessingException {
        return PostedAction.event(PORTAL, EventCodec.json().readTree(json), NOW);
    }

    @Test
    void whatIsLeftOutIsFilledIn() throws JsonProcessingException {
        Event<JsonNode> event = posted("{\"type\":\"mail.send.v1\",\"portaluser\":\"A\",\"data\":{}}");

        assertThat(event.id()).isNotBlank();
        assertThat(event.source()).hasToString("/portals/demo");
        assertThat(event.time()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":5}",
                "{\"id\":\"\"}",
                "{\"id\":{\"a\":1}}",
                "{\"id\":\"a\\u0000b\"}",
                "{\"source\":7}",
                "{\"type\":[]}",
                "{\"time\":\"yesterday\"}",
                "{\"portaluser\":\"a\\u0000b\"}"
            })
    void whatCannotBeMeantIsRefusedAndNotReplaced(String json) {
        assertThatThrownBy(() -> posted(json))
                .isInstanceOfSatisfying(ProblemException.class, problem -> assertThat(problem.type())
                        .isEqualTo(RequestProblem.INVALID_REQUEST));
    }

    @Test
    void anIdThatNoDatabaseIndexesIsRefused() {
        assertThatThrownBy(() -> posted("{\"id\":\"" + "x".repeat(513) + "\"}")).isInstanceOf(ProblemException.class);
    }
}
