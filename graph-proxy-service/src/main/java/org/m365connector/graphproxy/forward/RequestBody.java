package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.Pipe;
import java.util.Optional;

/** The body of a call: kept whole where it is small, so that it can be sent again; else streamed, once. */
final class RequestBody {

    private final HttpServerRequest in;

    /** Bodies up to this size are kept, as long as there is room. */
    private final long kept;

    private final KeptBodies room;

    /** What it has taken of the room. */
    private long taken;

    private boolean forgotten;

    /** The whole body, where it is small; empty while it streams, and then it cannot be sent twice. */
    private Optional<Buffer> whole = Optional.empty();

    /** What has been read of a body of unknown length that turned out not to be small. */
    private Buffer beginning = Buffer.buffer();

    /** On its way, until Graph has it whole or does not want the rest. */
    private Optional<Upload> upload = Optional.empty();

    private record Upload(Pipe<Buffer> pipe, HttpClientRequest to) {}

    RequestBody(HttpServerRequest in, long kept, KeptBodies room) {
        this.in = in;
        this.kept = kept;
        this.room = room;
    }

    /**
     * Reads a small body to its end.
     *
     * @param atOnce whether it is there, or too large to be waited for: then {@code later} is not called
     * @param later called later, when it has come, or turns out to be too large
     */
    void take(Runnable atOnce, Runnable later) {
        if (!Headers.announceBody(in.headers())) {
            whole = Optional.of(Buffer.buffer());
            atOnce.run();
        } else if (Headers.contentLength(in.headers()).orElse(0L) > kept) {
            in.pause();
            atOnce.run();
        } else {
            invite();
            collect(later);
            in.resume();
        }
    }

    /** Until its end, or until it is too much to be kept. */
    private void collect(Runnable later) {
        in.handler(piece -> {
            if (forgotten) {
                return;
            }
            beginning.appendBuffer(piece);
            boolean fits = room.take(piece.length());
            taken += fits ? piece.length() : 0;
            if (!fits || beginning.length() > kept) {
                in.pause();
                in.handler(null);
                in.endHandler(null);
                later.run();
            }
        });
        in.endHandler(end -> {
            whole = Optional.of(beginning);
            later.run();
        });
    }

    /** Empty where it is not small, and can be sent once only. */
    Optional<Buffer> whole() {
        return whole;
    }

    /** Whether there was no room for it, though it may not be too large. */
    boolean crowdedOut() {
        return whole.isEmpty() && beginning.length() > 0 && beginning.length() <= kept;
    }

    /** Bytes that have come. */
    long length() {
        return in.bytesRead();
    }

    /** Nobody needs it any more. */
    void forget() {
        forgotten = true;
        giveBackRoom();
    }

    private void giveBackRoom() {
        room.giveBack(taken);
        taken = 0;
    }

    boolean underWay() {
        return upload.isPresent();
    }

    /** Whether Graph is the one that does not take what there is. */
    boolean waitsForGraph() {
        return upload.map(one -> one.to().writeQueueFull()).orElse(false);
    }

    /**
     * Streams it.
     *
     * @param passed told when it is with Graph, or cannot get there
     */
    void stream(HttpClientRequest request, Handler<AsyncResult<Void>> passed) {
        if (in.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
            request.setChunked(true);
        }
        if (beginning.length() > 0) {
            request.write(beginning);
            beginning = Buffer.buffer();
            giveBackRoom();
        } else {
            invite();
        }
        // An upload that was cut must not look complete to Graph, so a failure resets instead of ending.
        Pipe<Buffer> pipe = in.pipe().endOnFailure(false);
        upload = Optional.of(new Upload(pipe, request));
        pipe.to(request).onComplete(result -> {
            if (result.succeeded()) {
                upload = Optional.empty();
            }
            passed.handle(result);
        });
    }

    /** Graph does not want the rest. It is read to its end, because many a caller reads no answer before all is sent. */
    void stop() {
        Optional<Upload> stopped = upload;
        upload = Optional.empty();
        stopped.ifPresent(one -> {
            one.pipe().close();
            if (!in.isEnded()) {
                in.handler(piece -> {});
                in.endHandler(null);
                in.resume();
            }
        });
    }

    /** A client that asked first sends its body only now. */
    private void invite() {
        if ("100-continue".equalsIgnoreCase(in.getHeader(HttpHeaders.EXPECT))) {
            in.response().writeContinue();
        }
    }
}
