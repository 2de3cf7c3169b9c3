package org.m365connector.emulator.graph.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;

/** A container that can be asked for what has changed in it. */
public interface DeltaSource {

    /** Before anything ever happened. */
    long BEGINNING = -1;

    /** Names the container; a token serves for one only. */
    String container();

    /** The container's position now. */
    long position();

    /** Type of the items, for {@code @odata.context}. */
    String type();

    /** Refuses options that this container's delta does not know. */
    void check(Query options);

    /**
     * What a client must hear that knows the container as it was at {@code since}. Each entry shows itself when its page is
     * asked for, or nothing when it is gone by then.
     */
    List<Function<Call, Optional<ObjectNode>>> changes(long since, Query options, Call call);

    int pageSize(Query options, Call call);

    /** Whether next and delta links carry {@code token}, as OneDrive's do, instead of {@code $skiptoken} and {@code $deltatoken}. */
    default boolean oneToken() {
        return false;
    }

    /** 410: the token is too old, or was never given out. */
    GraphError gone(Call call);
}
