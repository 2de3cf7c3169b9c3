package org.m365connector.emulator.graph.protocol;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One call that is served.
 *
 * @param template as in the permission metadata, for example {@code /users/{id}/messages}
 * @param workload whose permission metadata is checked; empty when the handler itself decides who may call
 */
public record Route(
        String method, String template, Optional<Workload> workload, Function<Call, Future<Reply>> handler) {

    public static Route of(String method, String template, Workload workload, Function<Call, Reply> handler) {
        return new Route(method, template, Optional.of(workload), call -> Future.succeededFuture(handler.apply(call)));
    }

    /** A route whose permissions depend on more than its path. */
    public static Route unchecked(String method, String template, Function<Call, Future<Reply>> handler) {
        return new Route(method, template, Optional.empty(), handler);
    }

    List<String> parts() {
        return List.of(template.substring(1).split("/", -1));
    }
}
