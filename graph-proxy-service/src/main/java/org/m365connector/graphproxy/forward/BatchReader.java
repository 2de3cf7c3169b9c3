package org.m365connector.graphproxy.forward;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import org.m365connector.problem.ProblemException;

/**
 * Reads batches. A long one takes milliseconds, in which an event loop would hold up all its callers: it is read on a thread of
 * its own, of which there are few. How many wait there is bounded by what may be kept of bodies.
 */
final class BatchReader implements AutoCloseable {

    private static final int AT_ONCE = 16 * 1024;
    private static final int THREADS = 2;

    private final WorkerExecutor threads;

    BatchReader(Vertx vertx) {
        threads = vertx.createSharedWorkerExecutor("batches", THREADS);
    }

    /**
     * Fails as {@link Batch#parse} throws.
     *
     * @param version {@code /v1.0} or {@code /beta}
     */
    Future<Batch> read(Buffer whole, MultiMap headers, String version) {
        if (Headers.isEncoded(headers)) {
            return Future.failedFuture(Batch.invalid("encoded"));
        }
        if (Headers.isOfAnotherCharset(headers)) {
            return Future.failedFuture(Batch.invalid("charset"));
        }
        if (whole.length() > AT_ONCE) {
            return threads.executeBlocking(() -> Batch.parse(whole.getBytes(), version), false);
        }
        try {
            return Future.succeededFuture(Batch.parse(whole.getBytes(), version));
        } catch (ProblemException refusal) {
            return Future.failedFuture(refusal);
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
