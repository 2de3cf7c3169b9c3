package org.m365connector.auth.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;

/** The table of outcomes in docs/errors.md: what the pages say, and what an administrator should know besides. */
class OutcomePageTest {

    private static final ResourceBundle.Control NO_FALLBACK =
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private final ResourceBundle page = ResourceBundle.getBundle("messages.login", Locale.ROOT, NO_FALLBACK);
    private final ResourceBundle administrator = ResourceBundle.getBundle("outcomes", Locale.ROOT, NO_FALLBACK);

    @Test
    void thePageOfErrorsListsTheOutcomesAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(Path.of("../docs/errors.md"), "outcomes", table()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }

    @Test
    void nothingIsSaidOfOutcomesThatThereAreNot() {
        assertThat(Arrays.stream(Outcome.values()).map(Outcome::slug)).containsAll(administrator.keySet());
    }

    private String table() {
        return Arrays.stream(Outcome.values())
                .map(outcome -> "| `%s` | %d | **%s.** %s | %s |\n"
                        .formatted(
                                outcome.slug(),
                                outcome.status(),
                                ProblemCatalogue.cell(page.getString("title_" + outcome)),
                                ProblemCatalogue.cell(page.getString("text_" + outcome)),
                                ProblemCatalogue.cell(administrator.getString(outcome.slug()))))
                .collect(Collectors.joining(
                        "",
                        "| Outcome | Status of the page | What the page says | For the administrator |\n|---|---|---|---|\n",
                        ""));
    }
}
