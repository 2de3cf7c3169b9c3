package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/**
 * Reads assignments from comma-separated values; semicolons and tabs separate, too. The first line names the columns:
 * {@code kind}, {@code id}, {@code accounts} (names with blanks between them), {@code default} and {@code narrowing} (JSON by
 * account), in any order. An assignment is one line, so that a quotation mark which is never closed costs a line and not the rest of the file.
 */
final class CsvImport {
    static final List<String> COLUMNS = List.of("kind", "id", "accounts", "default", "narrowing");

    private static final List<String> REQUIRED = List.of("kind", "accounts");
    private static final CsvMapper MAPPER = new CsvMapper();

    private static final ObjectReader NARROWING = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(new TypeReference<Map<String, NarrowingRequest>>() {});

    private final ImportSink sink;

    CsvImport(ImportSink sink) {
        this.sink = sink;
    }

    void read(InputStream in) throws IOException {
        var lines = new TextLines(in);
        var header = lines.next();
        if (header.flatMap(TextLines.Line::text).filter(text -> !text.isBlank()).isEmpty()
                && header.filter(TextLines.Line::tooLong).isEmpty()) {
            sink.refused(1, "", columnsExpected());
            return;
        }
        var separator = separator(header.get().text().orElse(""));
        var cells =
                MAPPER.readerFor(String[].class).with(CsvSchema.emptySchema().withColumnSeparator(separator));
        var names = cells(cells, header.get());
        if (names.isEmpty()) {
            return;
        }
        var columns = names(names.get());
        if (!columns.containsAll(REQUIRED)
                || !COLUMNS.containsAll(columns)
                || columns.stream().distinct().count() < columns.size()) {
            sink.refused(1, "", columnsExpected());
            return;
        }
        for (var line = lines.next(); line.isPresent(); line = lines.next()) {
            take(line.get(), cells, columns);
        }
    }

    private void take(TextLines.Line line, ObjectReader reader, List<String> columns) {
        if (line.text().filter(String::isBlank).isPresent()) {
            return;
        }
        var cells = cells(reader, line);
        if (cells.isEmpty()) {
            return;
        }
        if (cells.get().length != columns.size()) {
            sink.refused(
                    line.number(),
                    "",
                    new ProblemException(
                            AssignmentProblem.IMPORT_NOT_READABLE,
                            cells.get().length + " cells instead of " + columns.size()));
            return;
        }
        try {
            var request = new AssignmentRequest(
                    new AssignmentRequest.PrincipalRequest(
                            cell(cells.get(), columns, "kind").orElse("").toLowerCase(Locale.ROOT),
                            cell(cells.get(), columns, "id").orElse(null)),
                    Arrays.stream(cell(cells.get(), columns, "accounts")
                                    .orElse("")
                                    .split("\\s+"))
                            .filter(name -> !name.isEmpty())
                            .toList(),
                    cell(cells.get(), columns, "default").orElse(null),
                    // An empty cell leaves what there is, as a missing column does; {} takes every bound away.
                    cell(cells.get(), columns, "narrowing")
                            .map(CsvImport::narrowing)
                            .orElse(null),
                    null);
            sink.row(ImportRow.of(line.number(), request));
        } catch (ProblemException e) {
            sink.refused(line.number(), ImportFormat.columnOf(e), e);
        }
    }

    private Optional<String[]> cells(ObjectReader reader, TextLines.Line line) {
        if (line.tooLong()) {
            sink.refused(
                    line.number(),
                    "",
                    new ProblemException(
                            AssignmentProblem.IMPORT_LINE_TOO_LONG, Integer.toString(TextLines.LONGEST_LINE)));
            return Optional.empty();
        }
        if (line.text().isEmpty()) {
            sink.refused(
                    line.number(),
                    "",
                    new ProblemException(AssignmentProblem.IMPORT_NOT_READABLE, "neither UTF-8 nor Windows-1252"));
            return Optional.empty();
        }
        try {
            return Optional.of(reader.readValue(line.text().get()));
        } catch (JsonProcessingException e) {
            sink.refused(
                    line.number(),
                    "",
                    new ProblemException(AssignmentProblem.IMPORT_NOT_READABLE, "a quotation mark too many or too few")
                            .causedBy(e));
            return Optional.empty();
        }
    }

    private static Map<String, NarrowingRequest> narrowing(String json) {
        try {
            return NARROWING.readValue(json);
        } catch (JsonProcessingException e) {
            throw new ProblemException(AssignmentProblem.IMPORT_NOT_READABLE, "no narrowing by the name of an account")
                    .causedBy(e);
        }
    }

    private static Optional<String> cell(String[] cells, List<String> columns, String name) {
        int at = columns.indexOf(name);
        return at < 0 ? Optional.empty() : Optional.of(cells[at]).filter(text -> !text.isEmpty());
    }

    private static List<String> names(String[] cells) {
        List<String> names = new ArrayList<>();
        for (var cell : cells) {
            names.add(cell.strip().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    /** None of the columns' names contains any of the three. */
    private static char separator(String header) {
        return header.indexOf(';') >= 0 ? ';' : header.indexOf('\t') >= 0 ? '\t' : ',';
    }

    private static ProblemException columnsExpected() {
        return new ProblemException(AssignmentProblem.IMPORT_COLUMNS, String.join(", ", COLUMNS));
    }
}
