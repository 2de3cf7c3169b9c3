package org.m365connector.graphproxy.throttle;

import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/** Time as this process measures it: it only goes forward, and says nothing of what any other machine's clock shows. */
public interface Time {

    long millis();

    void after(long millis, Runnable task);

    static Time of(Vertx vertx) {
        return new Time() {
            @Override
            public long millis() {
                return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            }

            @Override
            public void after(long millis, Runnable task) {
                vertx.setTimer(Math.max(1, millis), timer -> task.run());
            }
        };
    }
}
