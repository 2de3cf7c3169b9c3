package org.m365connector.auth.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;

class SetupTextsTest {

    private static final ResourceBundle.Control NO_FALLBACK =
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private final ResourceBundle english = ResourceBundle.getBundle(SetupTexts.BUNDLE, Locale.ROOT, NO_FALLBACK);
    private final ResourceBundle german = ResourceBundle.getBundle(SetupTexts.BUNDLE, Locale.GERMAN, NO_FALLBACK);

    @Test
    void everyTextIsThereInBothLanguagesAndTranslated() {
        Set<String> same = new HashSet<>();
        for (String key : english.keySet()) {
            if (english.getString(key).length() > 25 && english.getString(key).equals(german.getString(key))) {
                same.add(key);
            }
        }
        assertThat(same).isEmpty();
        assertThat(german.keySet()).isEqualTo(english.keySet());
        assertThat(german.getLocale()).isEqualTo(Locale.GERMAN);
    }

    @Test
    void whatAnAppCannotDoIsExplained() {
        for (Feature feature : Feature.values()) {
            assertThat(english.containsKey("feature." + feature.slug())).isTrue();
            if (!PermissionPlanner.planner()
                    .impossible(feature, LoginKind.APPLICATION)
                    .isEmpty()) {
                assertThat(english.containsKey("feature." + feature.slug() + ".note"))
                        .as(feature.slug())
                        .isTrue();
            }
        }
    }
}
