package org.m365connector.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemTexts;

class ProblemTextsTest {
    @Test
    void everyProblemHasItsTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(SyncProblem.values())).isEmpty();
    }
}
