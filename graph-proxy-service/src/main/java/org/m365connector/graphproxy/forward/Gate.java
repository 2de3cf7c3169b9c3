package org.m365connector.graphproxy.forward;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * What a call may do, as last found. A body, a token, a permit and a connection may have to be waited for; whoever has lost his
 * right meanwhile is out, because it is asked again after each of them.
 */
final class Gate {

    private final Function<Consumer<Batch.Check>, Admission> admission;
    private Admission admitted;

    /** What is inside, where it is a batch and has been read. */
    private Optional<Batch> batch = Optional.empty();

    /**
     * @param admitted what has just been found
     * @param admission finds it anew, or throws what the caller is refused with; it is handed what checks the operations inside
     */
    Gate(Admission admitted, Function<Consumer<Batch.Check>, Admission> admission) {
        this.admitted = admitted;
        this.admission = admission;
    }

    /** @throws ProblemException what the caller is refused with */
    void pass() {
        Admission now = admission.apply(check -> batch.ifPresent(inside -> inside.check(check)));
        if (!now.host().equals(admitted.host())) {
            // Another cloud since: its tokens are not for this host.
            throw new ProblemException(RequestProblem.UNAVAILABLE).withHeader("Retry-After", "1");
        }
        admitted = now;
    }

    void holds(Batch inside) {
        batch = Optional.of(inside);
    }

    Admission admitted() {
        return admitted;
    }

    ActingAccount account() {
        return admitted.account();
    }

    Optional<Batch> batch() {
        return batch;
    }
}
