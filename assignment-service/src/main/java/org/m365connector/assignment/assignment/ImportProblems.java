package org.m365connector.assignment.assignment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;

/** What is wrong in a file: the first hundred by line and column, and how many in all. */
final class ImportProblems {
    private static final int TOLD = 100;

    private final Locale language;
    private final List<Map<String, Object>> first = new ArrayList<>();
    private long count;

    ImportProblems(Locale language) {
        this.language = language;
    }

    void add(long line, String column, ProblemException why) {
        count++;
        if (first.size() == TOLD) {
            return;
        }
        var body = Problems.body(why, language);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("line", line);
        if (!column.isEmpty()) {
            told.put("column", column);
        }
        told.put("type", body.get("type"));
        told.put("detail", body.get("detail"));
        first.add(told);
    }

    boolean isEmpty() {
        return count == 0;
    }

    ProblemException refusal() {
        first.sort(Comparator.comparingLong(told -> (Long) told.get("line")));
        return new ProblemException(AssignmentProblem.IMPORT_REFUSED, Long.toString(count))
                .with("problemCount", count)
                .with("problems", first);
    }
}
