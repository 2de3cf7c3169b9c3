package org.m365connector.graphproxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.compression.JdkZlibDecoder;
import io.netty.handler.codec.compression.ZlibDecoder;
import io.vertx.core.Handler;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/**
 * An answer that was packed with gzip although nobody asked for that, unpacked in passing. What grows beyond all that text does is
 * a bomb, and fails.
 */
final class UnpackingStream implements ReadStream<Buffer> {

    /** Text is seldom packed to less than a fiftieth; the most that gzip can do is a thousandth. */
    private static final int MOST_TIMES = 200;

    private static final int FREE = 64 * 1024;

    /** Of what one piece of the answer may become at once. */
    private static final int LONGEST_PIECE = 16 * 1024 * 1024;

    private final ReadStream<Buffer> source;
    private final ZlibDecoder gzip = new JdkZlibDecoder(false, LONGEST_PIECE);
    private final EmbeddedChannel unpacker = new EmbeddedChannel(gzip);
    private Handler<Buffer> handler;
    private Handler<Throwable> failed = failure -> {};
    private long packed;
    private long unpacked;
    private boolean over;

    UnpackingStream(ReadStream<Buffer> source) {
        this.source = source;
    }

    @Override
    public UnpackingStream exceptionHandler(Handler<Throwable> newHandler) {
        failed = newHandler == null ? failure -> {} : newHandler;
        source.exceptionHandler(this::fail);
        return this;
    }

    @Override
    public UnpackingStream handler(Handler<Buffer> newHandler) {
        handler = newHandler;
        source.handler(newHandler == null ? null : this::unpack);
        return this;
    }

    @Override
    public UnpackingStream endHandler(Handler<Void> newHandler) {
        source.endHandler(newHandler == null ? null : ended -> end(newHandler));
        return this;
    }

    @Override
    public UnpackingStream pause() {
        source.pause();
        return this;
    }

    @Override
    public UnpackingStream resume() {
        source.resume();
        return this;
    }

    @Override
    public UnpackingStream fetch(long amount) {
        source.fetch(amount);
        return this;
    }

    private void unpack(Buffer piece) {
        if (over) {
            return;
        }
        packed += piece.length();
        try {
            unpacker.writeInbound(Unpooled.wrappedBuffer(piece.getBytes()));
            passOn();
        } catch (DecoderException e) {
            fail(e);
        }
    }

    private void passOn() {
        for (ByteBuf part = unpacker.readInbound(); part != null; part = unpacker.readInbound()) {
            Buffer text = Buffer.buffer(ByteBufUtil.getBytes(part));
            part.release();
            unpacked += text.length();
            if (unpacked > FREE + MOST_TIMES * packed) {
                fail(new VertxException("packed too well", true));
            } else if (!over && handler != null && text.length() > 0) {
                handler.handle(text);
            }
        }
    }

    private void end(Handler<Void> newHandler) {
        if (over) {
            return;
        }
        if (!gzip.isClosed()) {
            fail(new VertxException("packed text without an end", true));
            return;
        }
        over = true;
        unpacker.finishAndReleaseAll();
        newHandler.handle(null);
    }

    private void fail(Throwable cause) {
        if (!over) {
            over = true;
            failed.handle(cause);
        }
    }
}
