package org.m365connector.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;
import org.m365connector.problem.ProblemTexts;

class ProblemTextsTest {
    @Test
    void everyProblemHasItsTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(SyncProblem.values())).isEmpty();
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(Path.of("../docs/errors.md"), "sync-service", SyncProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
