package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemCatalogue;
import org.m365connector.problem.ProblemTexts;

class ProxyProblemTest {

    /** What the call for a token may be answered with, besides what is said of a registration: that has our own words. */
    private static final List<String> PASSED = List.of(
            "login-required",
            "consent-required",
            "account-blocked",
            "account-unknown",
            "personal-browser-only",
            "not-entitled",
            "credential-expired",
            "registration-misconfigured",
            "entra-unavailable",
            "vault-key-missing");

    @Test
    void everyProblemHasItsTextsInBothLanguages() {
        assertThat(ProblemTexts.missing(ProxyProblem.values())).isEmpty();
    }

    /** Their pages are opened here, where the caller met them. */
    @Test
    void everyProblemOfAuthServiceThatPassesHasTheSameWordsHere() throws IOException {
        for (String file : List.of("problems.properties", "problems_de.properties")) {
            Properties theirs = texts("../auth-service/src/main/resources/" + file);
            Properties ours = texts("src/main/resources/" + file);
            for (String slug : PASSED) {
                for (String part : List.of("title", "detail", "cause", "cure")) {
                    String key = slug + "." + part;
                    assertThat(ours.getProperty(key))
                            .as("%s in %s", key, file)
                            .isNotBlank()
                            .isEqualTo(theirs.getProperty(key));
                }
            }
        }
    }

    private static Properties texts(String file) throws IOException {
        Properties texts = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of(file))) {
            texts.load(in);
        }
        return texts;
    }

    @Test
    void thePageOfErrorsListsThemAsTheyAre() {
        assertThat(ProblemCatalogue.isInStep(
                        Path.of("../docs/errors.md"), "graph-proxy-service", ProxyProblem.values()))
                .as(ProblemCatalogue.COMMAND)
                .isTrue();
    }
}
