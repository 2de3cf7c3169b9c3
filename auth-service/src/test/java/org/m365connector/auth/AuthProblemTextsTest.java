package org.m365connector.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemTexts;

class AuthProblemTextsTest {

    @Test
    void everyProblemHasTextsInEnglishAndGerman() {
        assertThat(ProblemTexts.missing(AuthProblem.values())).isEmpty();
    }
}
