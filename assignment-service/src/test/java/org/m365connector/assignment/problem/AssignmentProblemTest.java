package org.m365connector.assignment.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemTexts;

class AssignmentProblemTest {
    @Test
    void everyProblemHasTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(AssignmentProblem.values())).isEmpty();
    }
}
