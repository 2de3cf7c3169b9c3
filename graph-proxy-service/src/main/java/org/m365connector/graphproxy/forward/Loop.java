package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/** The event loop of one caller. Every step of his call runs there, so the steps need no lock; and none that breaks leaves him waiting. */
final class Loop {

    private final Context context;
    private final Consumer<RuntimeException> broken;

    /** @param broken told of a step that failed in an unforeseen way */
    Loop(Context context, Consumer<RuntimeException> broken) {
        this.context = context;
        this.broken = broken;
    }

    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            broken.accept(e);
        }
    }

    /** A token may be waited for together with callers on other event loops, and comes on any of them. */
    <T> Handler<AsyncResult<T>> here(Handler<AsyncResult<T>> handler) {
        return result -> here(() -> handler.handle(result));
    }

    void here(Runnable step) {
        if (Vertx.currentContext() == context) {
            guarded(step);
        } else {
            context.runOnContext(hopped -> guarded(step));
        }
    }

    /** When the call is over; of it nothing is kept until then but the step. */
    void afterwards(long millis, Runnable step) {
        context.owner().setTimer(millis, timer -> step.run());
    }

    void later(long millis, Runnable step) {
        context.owner().setTimer(millis, timer -> here(step));
    }
}
