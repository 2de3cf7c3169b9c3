package org.m365connector.graphproxy.forward;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Watches the answer to a batch pass by, and tells which items Graph throttled: inside a 200, each for itself. Keeps nothing but
 * where it stands.
 */
final class BatchAnswer implements Consumer<Buffer> {

    /** Told of an item with status 429. */
    interface Throttled {
        /** @param retryAfter the item's header, or null */
        void item(String id, String retryAfter);
    }

    private static final JsonFactory JSON = new JsonFactory();
    private static final int ITEM = 3;
    private static final int HEADERS = 4;

    private final Throttled throttled;
    private final JsonParser parser;
    private int depth;
    private String member = "";
    private boolean inHeaders;
    private String id = "";
    private int status;
    private String retryAfter;
    private boolean lost;

    BatchAnswer(Throttled throttled) {
        this.throttled = throttled;
        try {
            parser = JSON.createNonBlockingByteArrayParser();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void accept(Buffer piece) {
        if (lost) {
            return;
        }
        byte[] bytes = piece.getBytes();
        try {
            ((ByteArrayFeeder) parser.getNonBlockingInputFeeder()).feedInput(bytes, 0, bytes.length);
            JsonToken token = parser.nextToken();
            while (token != null && token != JsonToken.NOT_AVAILABLE) {
                see(token);
                token = parser.nextToken();
            }
        } catch (IOException e) {
            // What it is passes all the same; only nothing can be learned from it.
            lost = true;
        }
    }

    private void see(JsonToken token) throws IOException {
        switch (token) {
            case START_OBJECT, START_ARRAY -> {
                depth++;
                if (depth == ITEM) {
                    id = "";
                    status = 0;
                    retryAfter = null;
                }
                inHeaders = depth == HEADERS && member.equals("headers");
            }
            case END_OBJECT, END_ARRAY -> {
                if (depth == ITEM && status == 429) {
                    throttled.item(id, retryAfter);
                }
                depth--;
                inHeaders = false;
            }
            case FIELD_NAME -> {
                if (depth <= HEADERS) {
                    member = parser.currentName();
                }
            }
            default -> value();
        }
    }

    private void value() throws IOException {
        if (depth == ITEM && member.equals("id")) {
            id = parser.getText();
        } else if (depth == ITEM
                && member.equals("status")
                && parser.currentToken().isNumeric()) {
            status = parser.getIntValue();
        } else if (inHeaders && member.equalsIgnoreCase("Retry-After")) {
            retryAfter = parser.getText();
        }
    }
}
