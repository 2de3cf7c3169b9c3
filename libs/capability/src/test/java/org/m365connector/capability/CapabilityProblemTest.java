package org.m365connector.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;
import org.m365connector.problem.ProblemTexts;

class CapabilityProblemTest {
    @Test
    void everyProblemHasItsTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(CapabilityProblem.values())).isEmpty();
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(Path.of("../../docs/errors.md"), "capability", CapabilityProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
