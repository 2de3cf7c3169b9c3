package org.m365connector.assignment.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;
import org.m365connector.problem.ProblemTexts;

class AssignmentProblemTest {
    @Test
    void everyProblemHasTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(AssignmentProblem.values())).isEmpty();
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(
                        Path.of("../docs/errors.md"), "assignment-service", AssignmentProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
