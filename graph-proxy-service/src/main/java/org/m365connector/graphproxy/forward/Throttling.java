package org.m365connector.graphproxy.forward;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.capability.Operation;
import org.m365connector.events.AccountRecord;
import org.m365connector.graphproxy.account.People;
import org.m365connector.graphproxy.throttle.Demand;
import org.m365connector.graphproxy.throttle.GraphScopes;
import org.m365connector.graphproxy.throttle.Permit;
import org.m365connector.graphproxy.throttle.Throttle;
import org.m365connector.graphproxy.token.Token;

/** What an admitted call takes of Graph's limits. */
final class Throttling {

    private final Throttle throttle;
    private final GraphScopes scopes;
    private final People people;

    Throttling(Throttle throttle, People people) {
        this.throttle = throttle;
        this.people = people;
        scopes = throttle.scopes();
    }

    Future<Optional<Permit>> ask(Admission admitted, Token token, Operation operation, Optional<Batch> batch) {
        GraphScopes.Caller caller = caller(admitted, token);
        Demand demand = batch.map(inside -> Demand.together(
                        caller.app(),
                        inside.items().stream()
                                .map(item -> of(item.operation(), caller))
                                .toList()))
                .orElseGet(() -> of(operation, caller));
        return throttle.ask(demand, admitted.lane());
    }

    Instant now() {
        return throttle.clock().instant();
    }

    private Demand of(Operation operation, GraphScopes.Caller caller) {
        return scopes.of(operation.method(), operation.segments(), caller);
    }

    private GraphScopes.Caller caller(Admission admitted, Token token) {
        String app = admitted.registration().clientId().orElseGet(() -> admitted.registration()
                .key());
        String tenant = admitted.account()
                .state()
                .flatMap(AccountRecord::tid)
                .or(() -> admitted.registration().tenantId())
                .map(id -> id.toLowerCase(Locale.ROOT))
                .orElse("common");
        return new GraphScopes.Caller(
                app, tenant, people.acting(admitted.account(), token.value()), named -> people.named(tenant, named));
    }
}
