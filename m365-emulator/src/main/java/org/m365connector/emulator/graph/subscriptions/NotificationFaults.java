package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * What happens to notifications on their way. {@code drop}, {@code duplicate}, {@code reorder} and {@code delayMs} hit each
 * item with {@code probability}; {@code times} ends {@code drop} and {@code duplicate} after so many hits; {@code pause} holds
 * everything back until it is taken away.
 */
final class NotificationFaults {

    private final Random random = new Random(7);
    private boolean drop;
    private boolean duplicate;
    private boolean reorder;
    private boolean pause;
    private long delayMillis;
    private double probability = 1;
    private int timesLeft = -1;

    void reset() {
        drop = false;
        duplicate = false;
        reorder = false;
        pause = false;
        delayMillis = 0;
        probability = 1;
        timesLeft = -1;
    }

    /** Sets what is named and leaves the rest. */
    void change(JsonNode wanted) {
        drop = wanted.path("drop").asBoolean(drop);
        duplicate = wanted.path("duplicate").asBoolean(duplicate);
        reorder = wanted.path("reorder").asBoolean(reorder);
        pause = wanted.path("pause").asBoolean(pause);
        delayMillis = wanted.path("delayMs").asLong(delayMillis);
        probability = wanted.path("probability").asDouble(probability);
        timesLeft = wanted.path("times").asInt(timesLeft);
    }

    boolean drops() {
        return drop && hit();
    }

    boolean duplicates() {
        return duplicate && hit();
    }

    boolean pauses() {
        return pause;
    }

    /** How much longer this item takes. */
    long extraMillis() {
        if ((delayMillis == 0 && !reorder) || random.nextDouble() >= probability) {
            return 0;
        }
        if (!reorder) {
            return delayMillis;
        }
        return (long) (random.nextDouble() * Math.max(delayMillis, 500));
    }

    private boolean hit() {
        if (timesLeft == 0 || random.nextDouble() >= probability) {
            return false;
        }
        if (timesLeft > 0) {
            timesLeft--;
        }
        return true;
    }

    ObjectNode shown() {
        return Json.object()
                .put("drop", drop)
                .put("duplicate", duplicate)
                .put("reorder", reorder)
                .put("pause", pause)
                .put("delayMs", delayMillis)
                .put("probability", probability)
                .put("times", timesLeft);
    }
}
