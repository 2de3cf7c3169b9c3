package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * What happens to notifications on their way. {@code drop}, {@code duplicate}, {@code reorder} and {@code delayMs} hit each
 * item with {@code probability}, the first three with one of their own where a number from 0 to 1 is given in the place of
 * {@code true}; {@code times} ends {@code drop} and {@code duplicate} after so many hits; {@code pause} holds everything back
 * until it is taken away.
 */
final class NotificationFaults {

    private final Random random = new Random(7);
    private JsonNode drop = BooleanNode.FALSE;
    private JsonNode duplicate = BooleanNode.FALSE;
    private JsonNode reorder = BooleanNode.FALSE;
    private boolean pause;
    private long delayMillis;
    private double probability = 1;
    private int timesLeft = -1;

    void reset() {
        drop = BooleanNode.FALSE;
        duplicate = BooleanNode.FALSE;
        reorder = BooleanNode.FALSE;
        pause = false;
        delayMillis = 0;
        probability = 1;
        timesLeft = -1;
    }

    /** Sets what is named and leaves the rest. */
    void change(JsonNode wanted) {
        JsonNode newDrop = chance(wanted, "drop", drop);
        JsonNode newDuplicate = chance(wanted, "duplicate", duplicate);
        reorder = chance(wanted, "reorder", reorder);
        drop = newDrop;
        duplicate = newDuplicate;
        pause = wanted.path("pause").asBoolean(pause);
        delayMillis = wanted.path("delayMs").asLong(delayMillis);
        probability = wanted.path("probability").asDouble(probability);
        timesLeft = wanted.path("times").asInt(timesLeft);
    }

    private static JsonNode chance(JsonNode wanted, String name, JsonNode before) {
        JsonNode given = wanted.path(name);
        if (given.isMissingNode()) {
            return before;
        }
        boolean share = given.isNumber() && given.doubleValue() >= 0 && given.doubleValue() <= 1;
        if (!given.isBoolean() && !share) {
            throw new IllegalArgumentException(name + " is true, false or a number from 0 to 1, not " + given);
        }
        return given;
    }

    boolean drops() {
        return hit(drop);
    }

    boolean duplicates() {
        return hit(duplicate);
    }

    boolean pauses() {
        return pause;
    }

    /** How much longer this item takes. */
    long extraMillis() {
        if (of(reorder) > 0) {
            return random.nextDouble() < of(reorder) ? (long) (random.nextDouble() * Math.max(delayMillis, 500)) : 0;
        }
        return delayMillis > 0 && random.nextDouble() < probability ? delayMillis : 0;
    }

    private double of(JsonNode chance) {
        return chance.isNumber() ? chance.doubleValue() : chance.booleanValue() ? probability : 0;
    }

    private boolean hit(JsonNode chance) {
        if (of(chance) == 0 || timesLeft == 0 || random.nextDouble() >= of(chance)) {
            return false;
        }
        if (timesLeft > 0) {
            timesLeft--;
        }
        return true;
    }

    ObjectNode shown() {
        return Json.object()
                .<ObjectNode>set("drop", drop)
                .<ObjectNode>set("duplicate", duplicate)
                .<ObjectNode>set("reorder", reorder)
                .put("pause", pause)
                .put("delayMs", delayMillis)
                .put("probability", probability)
                .put("times", timesLeft);
    }
}
