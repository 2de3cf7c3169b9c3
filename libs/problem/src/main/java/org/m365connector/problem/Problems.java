package org.m365connector.problem;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Problem details as JSON objects, for code that answers without JAX-RS (Vert.x routes) or puts them into events. */
public final class Problems {

    /** Media type of RFC 9457. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

    private Problems() {}

    /** The members of the problem object, {@code type} first. */
    public static Map<String, Object> body(ProblemException problem, Locale language) {
        Map<String, Object> body = new LinkedHashMap<>(
                body(problem.type(), ProblemTexts.of(problem.type(), language).detail(problem.arguments()), language));
        body.putAll(problem.members());
        return body;
    }

    /** The same in English, for events and logs. */
    public static Map<String, Object> body(ProblemException problem) {
        return body(problem, Locale.ENGLISH);
    }

    static Map<String, Object> body(ProblemType type, String detail, Locale language) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", uri(type));
        body.put("title", ProblemTexts.of(type, language).title());
        body.put("status", type.status());
        body.put("detail", detail);
        return body;
    }

    /** The {@code type} member: a URI reference relative to the service, where it opens a page. */
    public static String uri(ProblemType type) {
        return "/problems/" + type.slug();
    }

    /** German or English, whichever an {@code Accept-Language} header prefers; English where it says neither or nonsense. */
    public static Locale language(String acceptLanguage) {
        if (acceptLanguage == null || acceptLanguage.isBlank()) {
            return Locale.ENGLISH;
        }
        try {
            Locale found = Locale.lookup(Locale.LanguageRange.parse(acceptLanguage), LANGUAGES);
            return found == null ? Locale.ENGLISH : found;
        } catch (IllegalArgumentException e) {
            return Locale.ENGLISH;
        }
    }
}
