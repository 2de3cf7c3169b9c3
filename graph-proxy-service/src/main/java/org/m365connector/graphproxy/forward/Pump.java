package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.ReadStream;

/**
 * Passes an answer on in as few pieces as it comes in, and keeps nothing beyond the moment: a piece is held until the next one, the
 * end, or the end of this turn of the event loop, whichever is first. So a short answer, which comes whole in one turn, leaves in one piece with its
 * head, and wakes its reader once.
 */
final class Pump {

    private final ReadStream<Buffer> from;
    private final HttpServerResponse to;
    private final Context context;
    private final Handler<AsyncResult<Void>> passed;
    private Buffer held;
    private boolean turnAwaited;
    private boolean over;

    /** @param passed told when the caller has it whole, or why he cannot; then nothing has been ended */
    Pump(ReadStream<Buffer> from, HttpServerResponse to, Context context, Handler<AsyncResult<Void>> passed) {
        this.from = from;
        this.to = to;
        this.context = context;
        this.passed = passed;
    }

    void start() {
        to.exceptionHandler(this::fail);
        from.exceptionHandler(this::fail);
        from.endHandler(ended -> end());
        from.handler(this::take);
    }

    private void take(Buffer piece) {
        if (over) {
            return;
        }
        write();
        held = piece;
        if (!turnAwaited) {
            turnAwaited = true;
            context.runOnContext(turn -> {
                turnAwaited = false;
                if (!over) {
                    write();
                }
            });
        }
    }

    private void write() {
        if (held == null) {
            return;
        }
        Buffer piece = held;
        held = null;
        if (!to.headWritten() && !to.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            to.setChunked(true);
        }
        to.write(piece);
        if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(drained -> from.resume());
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        Buffer last = held;
        held = null;
        Future<Void> ended = last == null ? to.end() : to.end(last);
        ended.onComplete(passed);
    }

    private void fail(Throwable cause) {
        if (over) {
            return;
        }
        over = true;
        held = null;
        passed.handle(Future.failedFuture(cause));
    }
}
