package org.m365connector.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;
import org.m365connector.problem.ProblemTexts;

class AuthProblemTextsTest {

    @Test
    void everyProblemHasTextsInEnglishAndGerman() {
        assertThat(ProblemTexts.missing(AuthProblem.values())).isEmpty();
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(Path.of("../docs/errors.md"), "auth-service", AuthProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
