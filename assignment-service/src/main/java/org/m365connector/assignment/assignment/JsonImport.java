package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/**
 * Reads an array of assignments as a POST takes them, one in memory at a time. What an export says besides (id, version)
 * is passed over.
 */
final class JsonImport {
    private static final ObjectReader ASSIGNMENT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(TextLines.LONGEST_LINE)
                            .maxNameLength(200)
                            .maxNestingDepth(20)
                            .build())
                    .build())
            .build()
            .readerFor(AssignmentRequest.class)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Whoever writes JSON may write each character in six. */
    private static final int LONGEST_ASSIGNMENT = 6 * AssignmentRequest.LONGEST_LINE;

    private final ImportSink sink;

    JsonImport(ImportSink sink) {
        this.sink = sink;
    }

    void read(InputStream in) throws IOException {
        var bounded = new Bounded(in);
        try (JsonParser parser = ASSIGNMENT.createParser(bounded)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                sink.refused(1, "", notReadable("not an array of assignments"));
                return;
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == null) {
                    sink.refused(line(parser), "", notReadable("the array has no end"));
                    return;
                }
                bounded.allow(LONGEST_ASSIGNMENT);
                bounded.line = line(parser);
                if (!take(parser)) {
                    return;
                }
                bounded.allow(Long.MAX_VALUE);
            }
            if (parser.nextToken() != null) {
                // What is not read would be deleted where the file replaces what is there.
                sink.refused(line(parser), "", notReadable("something follows the array"));
            }
        } catch (TooLongException e) {
            sink.refused(
                    bounded.line,
                    "",
                    new ProblemException(AssignmentProblem.IMPORT_LINE_TOO_LONG, Integer.toString(LONGEST_ASSIGNMENT)));
        } catch (JsonProcessingException e) {
            // Where the text is no JSON there is no telling where the next assignment begins.
            sink.refused(
                    e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                    "",
                    notReadable("not JSON, or a text that is too long").causedBy(e));
        }
    }

    /** @return whether there is telling where the next one begins */
    private boolean take(JsonParser parser) throws IOException {
        long line = line(parser);
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            sink.refused(line, "", notReadable("not an object"));
            parser.skipChildren();
            return true;
        }
        int depth = parser.getParsingContext().getNestingDepth();
        AssignmentRequest request;
        try {
            request = ASSIGNMENT.readValue(parser);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof TooLongException tooLong) {
                throw tooLong;
            }
            sink.refused(
                    line,
                    e.getPath().isEmpty() ? "" : e.getPath().get(0).getFieldName(),
                    notReadable("not of the expected type").causedBy(e));
            if (e.getCause() instanceof StreamReadException || e.getCause() instanceof StreamConstraintsException) {
                return false;
            }
            leave(parser, depth);
            return true;
        }
        try {
            sink.row(ImportRow.of(line, request));
        } catch (ProblemException e) {
            sink.refused(line, ImportFormat.columnOf(e), e);
        }
        return true;
    }

    /** To the end of the object in which a value did not fit. */
    private static void leave(JsonParser parser, int depth) throws IOException {
        while (parser.getParsingContext().getNestingDepth() >= depth && parser.nextToken() != null) {
            // What is left of it says nothing.
        }
    }

    private static long line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private static ProblemException notReadable(String why) {
        return new ProblemException(AssignmentProblem.IMPORT_NOT_READABLE, why);
    }

    /** One assignment is in memory at a time, and no more of it than there can be. */
    private static final class Bounded extends FilterInputStream {
        private long left = Long.MAX_VALUE;
        private long line;

        Bounded(InputStream in) {
            super(in);
        }

        void allow(long bytes) {
            left = bytes;
        }

        @Override
        public int read() throws IOException {
            require();
            left--;
            return super.read();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            require();
            int count = super.read(into, from, length);
            left -= Math.max(count, 0);
            return count;
        }

        private void require() throws TooLongException {
            if (left <= 0) {
                throw new TooLongException();
            }
        }
    }

    private static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
