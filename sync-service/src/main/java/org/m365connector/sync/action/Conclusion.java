package org.m365connector.sync.action;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What came of an attempt that got as far as an answer. */
sealed interface Conclusion {

    /** @param effectId id of the resource at Graph */
    record Done(String effectId, Map<String, String> ids, Map<String, String> links) implements Conclusion {}

    /** Graph refused for good. */
    record Failed(int status, String code) implements Conclusion {}

    /** It may have happened once, and nothing can tell. */
    record Unknown() implements Conclusion {}

    /** Graph needs a moment to show what happened. */
    record LookAgain(Instant at, Optional<Step> trace) implements Conclusion {}
}
