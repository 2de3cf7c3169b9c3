package org.m365connector.auth.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class AttentionTextsTest {

    @Test
    void everyKindSaysInEnglishAndGermanWhatItIsWhomItAffectsAndHowToRepairIt() {
        ResourceBundle english = AttentionTexts.bundle(Locale.ENGLISH);
        ResourceBundle german = AttentionTexts.bundle(Locale.GERMAN);

        for (AttentionKind kind : AttentionKind.values()) {
            for (String part : new String[] {".title", ".affected", ".repair"}) {
                String key = kind.slug() + part;
                assertThat(english.containsKey(key)).as(key).isTrue();
                assertThat(german.getString(key)).as(key).isNotEqualTo(english.getString(key));
            }
        }
        assertThat(german.keySet()).isEqualTo(english.keySet());
    }
}
