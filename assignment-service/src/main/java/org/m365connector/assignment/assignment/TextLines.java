package org.m365connector.assignment.assignment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The lines of a text, one in memory at a time. UTF-8 with or without a byte order mark; where the first line with other than
 * plain letters is not UTF-8, the text is taken for Windows-1252, as Excel writes it.
 */
final class TextLines {
    static final int LONGEST_LINE = AssignmentRequest.LONGEST_LINE;

    private static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private int filled;
    private int position;
    private final byte[] line = new byte[LONGEST_LINE];
    private long number;
    private Optional<Charset> charset = Optional.empty();

    /** A line of text, or why there is none. */
    record Line(long number, Optional<String> text, boolean tooLong) {}

    TextLines(InputStream in) {
        this.in = in;
    }

    /** Empty at the end. */
    Optional<Line> next() throws IOException {
        int length = 0;
        boolean begun = false;
        boolean tooLong = false;
        for (int octet = read(); octet >= 0; octet = read()) {
            begun = true;
            if (octet == '\n') {
                break;
            }
            if (length < LONGEST_LINE) {
                line[length++] = (byte) octet;
            } else {
                tooLong = true;
            }
        }
        if (!begun) {
            return Optional.empty();
        }
        number++;
        return Optional.of(new Line(number, tooLong ? Optional.empty() : text(length), tooLong));
    }

    private Optional<String> text(int length) {
        int from = 0;
        if (number == 1 && length >= MARK.length && Arrays.equals(line, 0, MARK.length, MARK, 0, MARK.length)) {
            charset = Optional.of(StandardCharsets.UTF_8);
            from = MARK.length;
        }
        int to = length > from && line[length - 1] == '\r' ? length - 1 : length;
        if (isPlain(from, to)) {
            return Optional.of(new String(line, from, to - from, StandardCharsets.US_ASCII));
        }
        if (charset.isPresent()) {
            return decoded(charset.get(), from, to);
        }
        Optional<String> asUtf8 = decoded(StandardCharsets.UTF_8, from, to);
        charset = Optional.of(asUtf8.isPresent() ? StandardCharsets.UTF_8 : WINDOWS);
        return asUtf8.isPresent() ? asUtf8 : decoded(WINDOWS, from, to);
    }

    private boolean isPlain(int from, int to) {
        for (int i = from; i < to; i++) {
            if (line[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private Optional<String> decoded(Charset as, int from, int to) {
        try {
            return Optional.of(as.newDecoder()
                    .decode(ByteBuffer.wrap(line, from, to - from))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private int read() throws IOException {
        if (position == filled) {
            filled = in.read(buffer);
            position = 0;
            if (filled <= 0) {
                filled = 0;
                return -1;
            }
        }
        return buffer[position++] & 0xFF;
    }
}
