package org.m365connector.graphproxy.forward;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/** A stream of JSON with its links rewritten. Pausing it pauses the source, so nothing piles up here. */
final class RewritingStream implements ReadStream<Buffer> {

    private final ReadStream<Buffer> source;
    private final LinkRewriter rewriter;
    private Handler<Buffer> handler;

    RewritingStream(ReadStream<Buffer> source, LinkRewriter rewriter) {
        this.source = source;
        this.rewriter = rewriter;
    }

    @Override
    public RewritingStream exceptionHandler(Handler<Throwable> newHandler) {
        source.exceptionHandler(newHandler);
        return this;
    }

    @Override
    public RewritingStream handler(Handler<Buffer> newHandler) {
        handler = newHandler;
        source.handler(newHandler == null ? null : this::rewrite);
        return this;
    }

    @Override
    public RewritingStream endHandler(Handler<Void> newHandler) {
        source.endHandler(
                newHandler == null
                        ? null
                        : ended -> {
                            pass(rewriter.end());
                            newHandler.handle(null);
                        });
        return this;
    }

    @Override
    public RewritingStream pause() {
        source.pause();
        return this;
    }

    @Override
    public RewritingStream resume() {
        source.resume();
        return this;
    }

    @Override
    public RewritingStream fetch(long amount) {
        source.fetch(amount);
        return this;
    }

    private void rewrite(Buffer piece) {
        pass(rewriter.rewrite(piece));
    }

    private void pass(Buffer text) {
        if (handler != null && text.length() > 0) {
            handler.handle(text);
        }
    }
}
