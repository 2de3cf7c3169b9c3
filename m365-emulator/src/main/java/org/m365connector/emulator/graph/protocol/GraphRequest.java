package org.m365connector.emulator.graph.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What came over the wire.
 *
 * @param version {@code v1.0} or {@code beta}
 * @param rawPathBelowVersion begins with a slash, still percent-encoded
 * @param whoCalls told as soon as it is known
 * @param headers all values of a header by its name
 */
public record GraphRequest(
        String method,
        String requestId,
        String serverBase,
        String version,
        String rawPathBelowVersion,
        String rawQuery,
        Function<String, List<String>> headers,
        Consumer<Caller> whoCalls,
        Buffer body) {

    Optional<String> header(String name) {
        return headers.apply(name).stream().findFirst();
    }
}
