package org.m365connector.graphproxy.forward;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Rewrites the values of {@code @odata.nextLink} and {@code @odata.deltaLink} (also {@code something@odata.nextLink}) in JSON
 * that passes by in pieces of any size. Everything else stays byte by byte as it is, and nothing but the beginning of such a
 * value is ever held back.
 *
 * <p>In the answer to a batch also the links in the headers of its items, which {@link BatchAnswer} finds.
 *
 * <p>It needs no JSON parser: in valid JSON an unescaped quotation mark right after {@code @odata.nextLink} ends a string,
 * because an {@code @} occurs in strings only; and a string followed by a colon is a name.
 *
 * <pre>
 *   TEXT --{@literal @}--> NAME --whole name and its quote--> COLON --:--> QUOTE --"--> ORIGIN --Graph's origin and /--> TEXT
 *     ^               |                             |            |           |
 *     +---------------+-----------------------------+------------+-----------+  anything else
 * </pre>
 */
final class LinkRewriter {

    private static final Buffer NOTHING = Buffer.buffer();
    private static final byte[] COMMON = bytes("@odata.");
    private static final byte[] NEXT_LINK = bytes("@odata.nextLink\"");
    private static final byte[] DELTA_LINK = bytes("@odata.deltaLink\"");

    /** Of each event loop one: it is filled and read within one step. */
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private static final class Scratch {
        private byte[] bytes = new byte[8 * 1024];

        byte[] room(int length) {
            if (bytes.length < length) {
                bytes = new byte[length];
            }
            return bytes;
        }
    }

    private enum State {
        TEXT,
        NAME,
        COLON,
        QUOTE,
        ORIGIN
    }

    private final byte[] origin;
    private final byte[] replacement;

    private State state = State.TEXT;

    /** How much of the name or of the origin has been seen. */
    private int matched;

    private byte[] name = NEXT_LINK;

    /** Beginning of a value as it came, as long as it may be Graph's origin; a slash may be escaped, hence the room. */
    private final byte[] held;

    private int heldLength;
    private boolean escaped;

    /** Sees every byte of the answer to a batch; null for all others. */
    private final BatchAnswer batch;

    LinkRewriter(Links links) {
        this(links, Optional.empty());
    }

    LinkRewriter(Links links, Optional<BatchAnswer> batch) {
        this.batch = batch.orElse(null);
        // The slash belongs to it: https://graph.microsoft.com.example is another host.
        origin = bytes(links.graphOrigin() + "/");
        replacement = bytes(links.callerBase() + "/");
        held = new byte[2 * origin.length];
    }

    /** What of the text can be sent on after this piece. */
    // The bytes are wanted themselves: asking a Buffer for each costs several times what is done with it.
    @SuppressWarnings("deprecation")
    Buffer rewrite(Buffer piece) {
        int end = piece.length();
        byte[] in = SCRATCH.get().room(end);
        piece.getByteBuf().getBytes(0, in, 0, end);
        // Held bytes of earlier pieces have been left out of those, so they must come first if it was no link.
        int heldBefore = heldLength;
        Output out = new Output(piece);
        int i = 0;
        while (i < end) {
            if (state == State.TEXT && batch == null) {
                while (i < end && in[i] != '@') {
                    i++;
                }
                if (i == end) {
                    break;
                }
                state = State.NAME;
                matched = 1;
                name = NEXT_LINK;
                i++;
                continue;
            }
            byte b = in[i];
            boolean linkNamed = batch != null && batch.see(b);
            switch (state) {
                case NAME -> readName(b);
                case COLON -> {
                    if (b == ':') {
                        state = State.QUOTE;
                    } else if (!isSpace(b)) {
                        backToText(b);
                    }
                }
                case QUOTE -> {
                    if (b == '"') {
                        state = State.ORIGIN;
                        matched = 0;
                        escaped = false;
                        out.valueBeginsAt(i + 1);
                    } else if (!isSpace(b)) {
                        backToText(b);
                    }
                }
                case ORIGIN -> {
                    held[heldLength++] = b;
                    if (isNextOfOrigin(b)) {
                        if (matched == origin.length) {
                            out.replaceHeld(i + 1, replacement);
                            heldLength = 0;
                            heldBefore = 0;
                            state = State.TEXT;
                        }
                    } else {
                        out.giveBackHeld(held, heldBefore);
                        heldLength = 0;
                        heldBefore = 0;
                        backToText(b);
                    }
                }
                case TEXT -> backToText(b);
            }
            if (linkNamed) {
                state = State.COLON;
            }
            i++;
        }
        int keptBack = heldLength - heldBefore;
        return out.finish(end - keptBack);
    }

    /** What was held back when the text ended. */
    Buffer end() {
        if (heldLength == 0) {
            return NOTHING;
        }
        Buffer rest = Buffer.buffer(heldLength).appendBytes(held, 0, heldLength);
        heldLength = 0;
        return rest;
    }

    private void readName(byte b) {
        if (matched == COMMON.length && b == DELTA_LINK[matched]) {
            name = DELTA_LINK;
        }
        if (b != name[matched]) {
            backToText(b);
            return;
        }
        matched++;
        if (matched == name.length) {
            state = State.COLON;
        }
    }

    private boolean isNextOfOrigin(byte b) {
        if (b == '\\' && !escaped && origin[matched] == '/') {
            escaped = true;
            return true;
        }
        if (escaped && b != '/') {
            return false;
        }
        escaped = false;
        // Scheme and host may come in any case.
        int lower = b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
        if (lower != origin[matched]) {
            return false;
        }
        matched++;
        return true;
    }

    private void backToText(byte b) {
        if (b == '@') {
            state = State.NAME;
            matched = 1;
            name = NEXT_LINK;
        } else {
            state = State.TEXT;
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Collects the output of one piece; a piece in which nothing changes is passed on itself. */
    private static final class Output {
        private final Buffer piece;
        private Buffer changed;
        private int copied;

        /** End of what comes before a value that may be replaced. */
        private int valueStart;

        Output(Buffer piece) {
            this.piece = piece;
        }

        void valueBeginsAt(int position) {
            valueStart = position;
        }

        void replaceHeld(int upTo, byte[] replacement) {
            copy(valueStart);
            changed.appendBytes(replacement);
            copied = upTo;
            valueStart = upTo;
        }

        void giveBackHeld(byte[] held, int ofEarlierPieces) {
            if (ofEarlierPieces > 0) {
                copy(valueStart);
                changed.appendBytes(held, 0, ofEarlierPieces);
            }
        }

        Buffer finish(int upTo) {
            if (changed == null && copied == 0) {
                return upTo == piece.length() ? piece : piece.slice(0, upTo);
            }
            copy(upTo);
            return changed;
        }

        private void copy(int upTo) {
            if (changed == null) {
                changed = Buffer.buffer(piece.length() + 256);
            }
            if (upTo > copied) {
                changed.appendBuffer(piece, copied, upTo - copied);
                copied = upTo;
            }
        }
    }
}
