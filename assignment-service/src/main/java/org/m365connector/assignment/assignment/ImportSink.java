package org.m365connector.assignment.assignment;

import org.m365connector.problem.ProblemException;

/** Takes what is read from an import, row by row. */
interface ImportSink {
    void row(ImportRow row);

    /** @param column as it is called in the file; empty where the whole line is meant */
    void refused(long line, String column, ProblemException why);
}
