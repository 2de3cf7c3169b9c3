package org.m365connector.assignment.assignment;

import java.io.IOException;
import java.io.InputStream;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** How assignments are written in a file. */
enum ImportFormat {
    CSV {
        @Override
        void read(InputStream in, ImportSink sink) throws IOException {
            new CsvImport(sink).read(in);
        }
    },
    JSON {
        @Override
        void read(InputStream in, ImportSink sink) throws IOException {
            new JsonImport(sink).read(in);
        }
    };

    /** Reads to the end or as far as it makes sense; what is wrong in the file goes to the sink. */
    abstract void read(InputStream in, ImportSink sink) throws IOException;

    /** Where in the file the mistake is that this problem speaks of. */
    static String columnOf(ProblemException problem) {
        if (problem.type() == AssignmentProblem.PRINCIPAL_INVALID) {
            return "kind, id";
        }
        if (problem.type() == AssignmentProblem.NARROWING_INVALID
                || problem.type() == AssignmentProblem.NARROWING_TOO_LARGE
                || problem.type() == AssignmentProblem.IMPORT_NOT_READABLE) {
            return "narrowing";
        }
        if (problem.type() == RequestProblem.INVALID_REQUEST) {
            return "";
        }
        return problem.type() == AssignmentProblem.DEFAULT_NOT_ASSIGNED ? "default" : "accounts";
    }
}
