package org.m365connector.auth.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class LoginTextsTest {

    @Test
    void everyOutcomeHasATitleAndATextInEnglishAndGerman() {
        ResourceBundle english = bundle(Locale.ROOT);
        ResourceBundle german = bundle(Locale.GERMAN);

        for (Outcome outcome : Outcome.values()) {
            for (String key : new String[] {"title_" + outcome, "text_" + outcome}) {
                assertThat(english.containsKey(key)).as(key).isTrue();
                assertThat(german.getString(key)).as(key).isNotEqualTo(english.getString(key));
            }
        }
        assertThat(german.keySet()).isEqualTo(english.keySet());
    }

    private static ResourceBundle bundle(Locale locale) {
        return ResourceBundle.getBundle(
                "messages.login",
                locale,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }
}
