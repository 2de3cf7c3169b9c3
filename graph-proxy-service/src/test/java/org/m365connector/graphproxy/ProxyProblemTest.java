package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;
import org.m365connector.problem.ProblemTexts;
import org.m365connector.problem.ProblemType;

class ProxyProblemTest {

    @Test
    void everyProblemHasItsTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(ProxyProblem.values())).isEmpty();
    }

    @Test
    void everyProblemOfAuthServiceThatPassesHasItsTextsHereToo() {
        ProblemType[] passed = List.of(
                        "login-required",
                        "consent-required",
                        "account-blocked",
                        "account-unknown",
                        "personal-browser-only",
                        "credential-expired",
                        "registration-unknown",
                        "registration-incomplete",
                        "registration-misconfigured",
                        "entra-unavailable")
                .stream()
                .map(Passed::new)
                .toArray(ProblemType[]::new);

        assertThat(ProblemTexts.missing(passed)).isEmpty();
    }

    private record Passed(String slug) implements ProblemType {
        @Override
        public int status() {
            return 503;
        }
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(
                        Path.of("../docs/errors.md"), "graph-proxy-service", ProxyProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
