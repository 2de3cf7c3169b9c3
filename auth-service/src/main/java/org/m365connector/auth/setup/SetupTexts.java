package org.m365connector.auth.setup;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import org.m365connector.problem.Problems;

/** Texts in one language, of {@code setup.properties}. Apostrophes are doubled in all of them, filled in or not. */
public final class SetupTexts {

    static final String BUNDLE = "setup";

    private static final ResourceBundle.Control NO_FALLBACK =
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private final ResourceBundle bundle;
    private final Locale language;

    private SetupTexts(Locale language) {
        this.language = language;
        this.bundle = ResourceBundle.getBundle(BUNDLE, language, SetupTexts.class.getClassLoader(), NO_FALLBACK);
    }

    /** In the language that an {@code Accept-Language} header prefers. */
    static SetupTexts preferred(String acceptLanguage) {
        return new SetupTexts(Problems.language(acceptLanguage));
    }

    static SetupTexts in(Locale language) {
        return new SetupTexts(language);
    }

    String text(String key, Object... arguments) {
        return new MessageFormat(bundle.getString(key), language).format(arguments);
    }

    /** A text of a page, with nothing to fill in. */
    public String label(String key) {
        return text(key);
    }

    boolean has(String key) {
        return bundle.containsKey(key);
    }

    String language() {
        return language.getLanguage();
    }
}
