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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page that a problem's {@code type} opens: what it means, why it happens and what to do. */
@Path("/problems/{slug}")
public final class ProblemPage {

    private static final List<String> BUNDLES = List.of("problems", "request-problems", "capability-problems");

    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    public String page(
            @PathParam("slug") String slug, @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String acceptLanguage) {
        Locale language = Problems.language(acceptLanguage);
        ProblemTexts texts = ProblemTexts.find(slug, BUNDLES, language)
                .orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
        boolean german = language.equals(Locale.GERMAN);
        String parts = Stream.of(
                        part(german ? "Bedeutung" : "What it means", texts.meaning()),
                        texts.cause()
                                .map(cause -> part(german ? "Ursache" : "Why it happens", cause))
                                .orElse(""),
                        part(german ? "Abhilfe" : "What to do", texts.cure()))
                .collect(Collectors.joining());
        return """
                <!doctype html>
                <html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>%s</title>
                <style>
                body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222 }
                h1 { font-size: 1.5rem; line-height: 1.25 } h2 { font-size: 1rem; margin: 1.5rem 0 0 } p { margin: 0.25rem 0 }
                code { color: #555 }
                </style></head>
                <body><main><h1>%s</h1><p><code>%s</code></p>
                %s</main></body></html>
                """.formatted(language.getLanguage(), escape(texts.title()), escape(texts.title()), escape(slug), parts);
    }

    private static String part(String heading, String text) {
        return "<h2>" + heading + "</h2><p>" + escape(text) + "</p>\n";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
