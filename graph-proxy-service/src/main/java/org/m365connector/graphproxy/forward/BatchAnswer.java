package org.m365connector.graphproxy.forward;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Watches the answer to a batch pass by, byte by byte: tells which items Graph throttled (inside a 200, each for itself), and
 * where an item's headers name a link. Keeps nothing but where it stands and the few short texts that it looks for.
 */
final class BatchAnswer {

    /** Told of an item with status 429. */
    interface Throttled {
        /** @param retryAfter the item's header, or null */
        void item(String id, String retryAfter);
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST = 1024;
    private static final int RESPONSES = 2;
    private static final int ITEM = 3;
    private static final int HEADERS = 4;

    /** What the latest name means in its place. */
    private enum Member {
        RESPONSES,
        ID,
        STATUS,
        HEADERS,
        RETRY_AFTER,
        LINK,
        OTHER
    }

    private final Throttled throttled;
    private int depth;
    private boolean inString;
    private boolean escaped;

    /** The next string is a name: an object has begun, or a comma has come in one. */
    private boolean nameNext;

    private boolean inName;
    private boolean kept;
    private final byte[] text = new byte[LONGEST];
    private int length;
    private final boolean[] objects = new boolean[HEADERS + 1];
    private Member member = Member.OTHER;
    private boolean inResponses;
    private boolean inHeaders;
    private String id;
    private int status;
    private String retryAfter;

    BatchAnswer(Throttled throttled) {
        this.throttled = throttled;
    }

    /** @return whether this byte ends the name of a header that holds a link: its value comes next */
    boolean see(byte b) {
        if (inString) {
            return seeInString(b);
        }
        switch (b) {
            case '"' -> {
                inString = true;
                escaped = false;
                inName = nameNext && isObject();
                kept = inName ? depth <= HEADERS : isLookedFor();
                length = 0;
            }
            case '{', '[' -> open(b == '{');
            case '}', ']' -> {
                endOfNumber();
                close();
            }
            case ',' -> {
                endOfNumber();
                nameNext = true;
            }
            case ':' -> {
                nameNext = false;
                length = 0;
            }
            default -> {
                if (b > ' ' && isLookedFor() && length < LONGEST) {
                    text[length++] = b;
                }
            }
        }
        return false;
    }

    private boolean seeInString(byte b) {
        if (!escaped && b == '"') {
            inString = false;
            return inName ? endOfName() : endOfText();
        }
        escaped = !escaped && b == '\\';
        if (kept && length < LONGEST) {
            text[length++] = b;
        }
        return false;
    }

    private boolean endOfName() {
        member = meaning(new String(text, 0, length, StandardCharsets.ISO_8859_1));
        length = 0;
        return member == Member.LINK;
    }

    private Member meaning(String name) {
        if (depth == 1) {
            return name.equals("responses") ? Member.RESPONSES : Member.OTHER;
        }
        if (depth == ITEM && inResponses) {
            return switch (name) {
                case "id" -> Member.ID;
                case "status" -> Member.STATUS;
                case "headers" -> Member.HEADERS;
                default -> Member.OTHER;
            };
        }
        if (depth == HEADERS && inHeaders) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals("retry-after")) {
                return Member.RETRY_AFTER;
            }
            return Headers.isLink(lower) ? Member.LINK : Member.OTHER;
        }
        return Member.OTHER;
    }

    private boolean endOfText() {
        if (isLookedFor()) {
            told(decoded());
        }
        length = 0;
        return false;
    }

    /** Graph may write what it repeats in another way than it was sent. */
    private String decoded() {
        String raw = new String(text, 0, length, StandardCharsets.UTF_8);
        try {
            return raw.indexOf('\\') < 0 ? raw : JSON.readValue('"' + raw + '"', String.class);
        } catch (IOException e) {
            return raw;
        }
    }

    private void endOfNumber() {
        if (length > 0 && isLookedFor()) {
            told(new String(text, 0, length, StandardCharsets.ISO_8859_1));
        }
        length = 0;
    }

    private void told(String value) {
        switch (member) {
            case ID -> id = value;
            case STATUS -> status = value.equals("429") ? 429 : 0;
            case RETRY_AFTER -> retryAfter = value;
            case RESPONSES, HEADERS, LINK, OTHER -> throw new IllegalStateException("not looked for: " + member);
        }
        member = Member.OTHER;
    }

    private boolean isLookedFor() {
        return (depth == ITEM && (member == Member.ID || member == Member.STATUS))
                || (depth == HEADERS && member == Member.RETRY_AFTER);
    }

    private boolean isObject() {
        return depth >= 0 && depth <= HEADERS && objects[depth];
    }

    private void open(boolean object) {
        inResponses |= depth == 1 && member == Member.RESPONSES && !object;
        inHeaders = depth == ITEM && inResponses && member == Member.HEADERS && object;
        depth++;
        if (depth <= HEADERS) {
            objects[depth] = object;
        }
        nameNext = object;
        if (depth == ITEM && inResponses) {
            id = null;
            status = 0;
            retryAfter = null;
        }
        member = Member.OTHER;
        length = 0;
    }

    private void close() {
        if (depth == ITEM && inResponses && status == 429 && id != null) {
            throttled.item(id, retryAfter);
        }
        // Of what is no JSON nothing can be learned, and it passes all the same.
        depth = Math.max(0, depth - 1);
        inHeaders = false;
        inResponses &= depth >= RESPONSES;
        nameNext = false;
        member = Member.OTHER;
    }
}
