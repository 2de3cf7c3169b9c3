package org.m365connector.emulator.entra;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters of a request, each at most once. An empty one counts as missing. */
record Parameters(Map<String, String> values) {

    /** Of the query. */
    static Parameters query(RoutingContext ctx) {
        String query = Optional.ofNullable(ctx.request().query()).orElse("");
        return once(new QueryStringDecoder(query, false).parameters());
    }

    /** Of a body that is a form; none if it is anything else. */
    static Parameters form(RoutingContext ctx) {
        MultiMap form = ctx.request().formAttributes();
        Map<String, List<String>> all = new LinkedHashMap<>();
        form.names().forEach(name -> all.put(name, form.getAll(name)));
        return once(all);
    }

    private static Parameters once(Map<String, List<String>> all) {
        Map<String, String> values = new LinkedHashMap<>();
        all.forEach((name, given) -> {
            if (given.size() > 1) {
                throw new EntraFailure(Aadsts.duplicateParameter(name));
            }
            values.put(name, given.get(0));
        });
        return new Parameters(values);
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    /** @throws EntraFailure AADSTS900144 */
    String require(String name) {
        return get(name).orElseThrow(() -> new EntraFailure(Aadsts.missingParameter(name)));
    }

    @Override
    public String toString() {
        return "Parameters" + values.keySet();
    }
}
