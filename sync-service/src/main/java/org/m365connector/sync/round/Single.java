package org.m365connector.sync.round;

import org.m365connector.sync.change.Item;

/** What a look at one resource has brought. */
sealed interface Single {

    /** Its present state; also that of one that Graph keeps when it is deleted. */
    record There(Item item) implements Single {}

    /** It is not in this container, or not any more. */
    record Gone() implements Single {}

    /**
     * It is in a part of this container, which is to tell it.
     *
     * @param path of that part
     */
    record Elsewhere(String path) implements Single {}

    /** It takes more than this one to tell: rounds do. */
    record Unsaid() implements Single {}
}
