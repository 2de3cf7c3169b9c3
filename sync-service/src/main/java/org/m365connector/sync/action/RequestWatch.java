package org.m365connector.sync.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.m365connector.capability.Operation;
import org.m365connector.events.EventCodec;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.watch.WatchRequest;

/**
 * Makes a watch, as {@code POST …/watches} does. Graph is asked later, by those who set watches up. The watch's id follows from
 * the action's, so whoever goes on after a crash makes no second one.
 */
record RequestWatch(WatchRequest wanted) implements Command {

    /** @throws ProblemException where it is none that could be made */
    static RequestWatch of(org.m365connector.events.WatchRequest data) {
        try {
            WatchRequest wanted =
                    EventCodec.json().treeToValue(EventCodec.json().valueToTree(data), WatchRequest.class);
            // For whom it is, the attributes say, which are checked for every action.
            wanted.checkContainer();
            return new RequestWatch(wanted);
        } catch (JsonProcessingException e) {
            throw new ProblemException(SyncProblem.INVALID_WATCH, Command.reasonOf(e)).causedBy(e);
        }
    }

    @Override
    public Operation operation() {
        return wanted.operation();
    }

    @Override
    public String feature() {
        return wanted.kind().feature();
    }

    @Override
    public Conclusion run(Attempt attempt) {
        String name = "watch\n" + attempt.portal() + "\n" + attempt.actionId();
        String id =
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
        attempt.watch(id, wanted);
        return new Conclusion.Done(id, Map.of("watchId", id), Map.of());
    }
}
