package org.m365connector.problem;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;

/** The page that a problem's {@code type} opens: what it means and what to do. */
@Path("/problems/{slug}")
public final class ProblemPage {

    private static final List<String> BUNDLES = List.of("problems", "request-problems");

    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    public String page(
            @PathParam("slug") String slug, @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String acceptLanguage) {
        Locale language = Problems.language(acceptLanguage);
        ProblemTexts texts = ProblemTexts.find(slug, BUNDLES, language)
                .orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
        boolean german = language.equals(Locale.GERMAN);
        return """
                <!doctype html>
                <html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>%s</title></head>
                <body><main><h1>%s</h1><p><code>%s</code></p>
                <h2>%s</h2><p>%s</p><h2>%s</h2><p>%s</p></main></body></html>
                """.formatted(
                        language.getLanguage(),
                        escape(texts.title()),
                        escape(texts.title()),
                        escape(slug),
                        german ? "Bedeutung" : "What it means",
                        escape(texts.meaning()),
                        german ? "Abhilfe" : "What to do",
                        escape(texts.cure()));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
