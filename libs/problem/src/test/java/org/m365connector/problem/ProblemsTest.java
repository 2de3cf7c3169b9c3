package org.m365connector.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProblemsTest {

    private enum Sample implements ProblemType {
        PORTAL_TOO_OLD("portal-too-old"),
        ONLY_ENGLISH("only-english"),
        WITHOUT_CAUSE("without-cause");

        private final String slug;

        Sample(String slug) {
            this.slug = slug;
        }

        @Override
        public String slug() {
            return slug;
        }

        @Override
        public int status() {
            return 422;
        }
    }

    @Test
    void everyRequestProblemHasBothLanguages() {
        assertThat(ProblemTexts.missing(RequestProblem.values())).isEmpty();
    }

    @Test
    void aMissingLanguageAndAMissingPartAreFound() {
        assertThat(ProblemTexts.missing(Sample.values()))
                .containsExactlyInAnyOrder(
                        "de:only-english.cause",
                        "de:only-english.cure",
                        "de:only-english.detail",
                        "de:only-english.title",
                        "en:without-cause.cause",
                        "de:without-cause.cause");
    }

    @Test
    void aTableIsWrittenBetweenItsMarksAndTheRestStays() {
        String page = "before\n<!-- problems of x -->\nold\n<!-- end of x -->\nbehind\n";

        assertThat(ProblemCatalogue.withTable(page, "x", Sample.PORTAL_TOO_OLD)).isEqualTo("""
                before
                <!-- problems of x -->
                | Slug | Status | Meaning | Cause | What to do |
                |---|---|---|---|---|
                | `portal-too-old` | 422 | **The portal's too old.** It's version …, older than …. | It's been long. | Update what's too old. |
                <!-- end of x -->
                behind
                """);
        assertThatThrownBy(() -> ProblemCatalogue.withTable(page, "y", Sample.PORTAL_TOO_OLD))
                .hasMessageContaining("problems of y");
    }

    @Test
    void argumentsAndMembersReachTheBodyInTheCallersLanguage() {
        ProblemException problem =
                new ProblemException(Sample.PORTAL_TOO_OLD, "10.3.9", "10.4.0").with("minimum", "10.4.0");

        assertThat(Problems.body(problem, Locale.GERMAN))
                .isEqualTo(Map.of(
                        "type", "/problems/portal-too-old",
                        "title", "Das Portal ist zu alt",
                        "status", 422,
                        "detail", "Version 10.3.9 ist älter als 10.4.0.",
                        "minimum", "10.4.0"));
        assertThat(Problems.body(problem))
                .containsEntry("title", "The portal's too old")
                .containsEntry("detail", "It's version 10.3.9, older than 10.4.0.");
        assertThat(ProblemTexts.of(Sample.PORTAL_TOO_OLD, Locale.ENGLISH).cure())
                .isEqualTo("Update what's too old.");
    }

    @Test
    void theHeaderDecidesBetweenGermanAndEnglish() {
        assertThat(List.of("de-AT,de;q=0.9,en;q=0.8", "fr, de;q=0.5", "de"))
                .allMatch(header -> Problems.language(header).equals(Locale.GERMAN));
        assertThat(List.of("en-US", "fr", "*", "", ";;;nonsense;;q=x"))
                .allMatch(header -> Problems.language(header).equals(Locale.ENGLISH));
        assertThat(Problems.language(null)).isEqualTo(Locale.ENGLISH);
    }

    @Test
    void aLocaleOfTheMachineNeverLeaksIntoEnglishTexts() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            assertThat(Problems.body(new ProblemException(RequestProblem.NOT_FOUND)))
                    .containsEntry("title", "There is nothing here");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(Path.of("../../docs/errors.md"), "every service", RequestProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
