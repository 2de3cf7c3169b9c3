package org.m365connector.problem;

/**
 * A kind of error that callers can tell apart. Each service has one enum of them; slugs are API and never change.
 *
 * <p>The texts stand in the resource bundle {@link #bundle()} in English and German: {@code <slug>.title},
 * {@code <slug>.detail} (a {@link java.text.MessageFormat}: double your apostrophes), {@code <slug>.cure} and, where the detail does
 * not say it already, {@code <slug>.cause}. {@code docs/errors.md} is made from them ({@link ProblemCatalogue}).
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
