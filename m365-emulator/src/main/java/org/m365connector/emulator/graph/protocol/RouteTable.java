package org.m365connector.emulator.graph.protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the route of a path. Names match in any case, ids are taken as they are; a name wins over an id. */
public final class RouteTable {

    private static final String USERS_PREFIX = "/users/{id}/";

    record Match(Route route, List<String> ids, boolean me) {}

    private final List<Route> routes = new ArrayList<>();

    /** A route below {@code /users/{id}} is served below {@code /me} too. */
    public void add(Route route) {
        routes.add(route);
        if (route.template().startsWith(USERS_PREFIX)) {
            String mine = "/me/" + route.template().substring(USERS_PREFIX.length());
            routes.add(new Route(route.method(), mine, route.workload(), route.handler()));
        }
    }

    Match find(String method, List<String> path) {
        Optional<Route> best = routes.stream()
                .filter(route -> matched(route.parts(), path) == path.size()
                        && route.parts().size() == path.size())
                .min(Comparator.comparing((Route route) -> variables(route.parts()))
                        .thenComparing(route -> !route.method().equals(method)));
        if (best.isEmpty()) {
            throw GraphError.unknownSegment(path.isEmpty() ? "" : path.get(furthest(path)));
        }
        Route route = best.get();
        if (!route.method().equals(method)) {
            throw GraphError.methodNotAllowed();
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < path.size(); i++) {
            if (isVariable(route.parts().get(i))) {
                ids.add(path.get(i));
            }
        }
        boolean me = route.template().equals("/me") || route.template().startsWith("/me/");
        if (me) {
            ids.add(0, "me");
        }
        return new Match(route, ids, me);
    }

    /** The segment from which no route goes on. */
    private int furthest(List<String> path) {
        int furthest = routes.stream()
                .mapToInt(route -> matched(route.parts(), path))
                .max()
                .orElse(0);
        return Math.min(furthest, path.size() - 1);
    }

    private static int matched(List<String> template, List<String> path) {
        int n = 0;
        while (n < template.size()
                && n < path.size()
                && (isVariable(template.get(n)) || template.get(n).equalsIgnoreCase(path.get(n)))) {
            n++;
        }
        return n;
    }

    /** Where the first variables stand decides: {@code messages/delta} before {@code messages/{id}}. */
    private static String variables(List<String> template) {
        StringBuilder mark = new StringBuilder();
        template.forEach(part -> mark.append(isVariable(part) ? '1' : '0'));
        return mark.toString();
    }

    private static boolean isVariable(String part) {
        return part.equals("{id}");
    }
}
