package org.m365connector.problem;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.Optional;
import java.util.ResourceBundle;

/** Title, detail, cause and cure of a problem type in one language. */
public final class ProblemTexts {

    private static final ResourceBundle.Control NO_FALLBACK =
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);

    private static final List<String> PARTS = List.of("title", "detail", "cause", "cure");

    private final String slug;
    private final ResourceBundle bundle;
    private final Locale language;

    private ProblemTexts(String slug, ResourceBundle bundle, Locale language) {
        this.slug = slug;
        this.bundle = bundle;
        this.language = language;
    }

    static ProblemTexts of(ProblemType type, Locale language) {
        return new ProblemTexts(
                type.slug(),
                ResourceBundle.getBundle(
                        type.bundle(), language, type.getClass().getClassLoader(), NO_FALLBACK),
                language);
    }

    /** The texts of a slug in one of these bundles; for the page of a slug. */
    static Optional<ProblemTexts> find(String slug, List<String> bundles, Locale language) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        for (String name : bundles) {
            try {
                ResourceBundle bundle = ResourceBundle.getBundle(name, language, loader, NO_FALLBACK);
                if (bundle.containsKey(slug + ".title")) {
                    return Optional.of(new ProblemTexts(slug, bundle, language));
                }
            } catch (MissingResourceException e) {
                // A service without texts of its own has no such bundle; the next may know the slug.
            }
        }
        return Optional.empty();
    }

    /** What is missing: {@code <language>:<key>} for every text that a type lacks in English or German. For each service's test. */
    public static List<String> missing(ProblemType... types) {
        List<String> missing = new ArrayList<>();
        for (ProblemType type : types) {
            for (Locale language : List.of(Locale.ROOT, Locale.GERMAN)) {
                ResourceBundle bundle = ResourceBundle.getBundle(
                        type.bundle(), language, type.getClass().getClassLoader(), NO_FALLBACK);
                for (String part : PARTS) {
                    String key = type.slug() + "." + part;
                    boolean own = bundle.keySet().contains(key)
                            && !bundle.getString(key).isBlank()
                            && bundle.getLocale().equals(language)
                            && (language.equals(Locale.ROOT) || differsFromEnglish(type, key, bundle));
                    if (!own) {
                        missing.add((language.equals(Locale.ROOT) ? "en" : "de") + ":" + key);
                    }
                }
            }
        }
        return missing;
    }

    private static boolean differsFromEnglish(ProblemType type, String key, ResourceBundle german) {
        ResourceBundle english = ResourceBundle.getBundle(
                type.bundle(), Locale.ROOT, type.getClass().getClassLoader(), NO_FALLBACK);
        // A key that only the parent bundle has comes out with the English text.
        return !english.containsKey(key) || !english.getString(key).equals(german.getString(key));
    }

    String title() {
        return plain("title");
    }

    String detail(Object... arguments) {
        return new MessageFormat(bundle.getString(slug + ".detail"), language).format(arguments);
    }

    /** The detail as it stands, its placeholders unfilled. */
    String meaning() {
        // Bare braces are placeholders, quoted ones are meant.
        return plain("detail").replaceAll("\\{\\d+}", "…").replace("'{", "{").replace("}'", "}");
    }

    /** Why it happens. */
    String cause() {
        return plain("cause");
    }

    String cure() {
        return plain("cure");
    }

    /** A text without placeholders to fill; apostrophes are doubled in all texts alike, so that nobody has to know which is which. */
    private String plain(String part) {
        return bundle.getString(slug + "." + part).replace("''", "'");
    }
}
