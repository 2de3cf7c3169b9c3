package org.m365connector.assignment.assignment;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreconditionTest {
    @ParameterizedTest
    @ValueSource(strings = {"\"3\"", "*", "\"1\", \"3\"", " \"3\" "})
    void versionThatWasReadMayBeChanged(String ifMatch) {
        assertThatCode(() -> new Precondition(ifMatch).require(3)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "3", "W/\"3\"", "\"33\""})
    void anyOtherMayNot(String ifMatch) {
        assertThatThrownBy(() -> new Precondition(ifMatch).require(3)).hasMessage("precondition-failed");
    }

    @Test
    void itMustBeThere() {
        assertThatThrownBy(() -> new Precondition(null)).hasMessage("precondition-required");
    }
}
