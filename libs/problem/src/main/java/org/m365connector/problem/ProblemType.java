package org.m365connector.problem;

/**
 * A kind of error that callers can tell apart. Each service has one enum of them; slugs are API and never change.
 *
 * <p>The texts stand in the resource bundle {@link #bundle()} in English and German: {@code <slug>.title},
 * {@code <slug>.detail} (a {@link java.text.MessageFormat}: double your apostrophes) and {@code <slug>.cure}.
 */
public interface ProblemType {

    /** Lower-case words with hyphens, {@code portal-too-old}. */
    String slug();

    /** HTTP status that it is answered with. */
    int status();

    /** Base name of the resource bundle with the texts. */
    default String bundle() {
        return "problems";
    }
}
