package org.m365connector.emulator.graph.delta;

import java.util.List;
import java.util.regex.Pattern;
import org.m365connector.emulator.graph.protocol.Call;

/** Deltas, and listings that stand for one, that lag behind what everybody else sees already. */
public final class HeldBack {

    private List<Pattern> addresses = List.of();

    /**
     * They show nothing new until they are not held any more; then all of it.
     *
     * @param expressions searched for in addresses; none of them ends it
     */
    public void hold(List<String> expressions) {
        addresses = expressions.stream().map(Pattern::compile).toList();
    }

    public boolean isHeld(Call call) {
        return addresses.stream()
                .anyMatch(address -> address.matcher(call.link("")).find());
    }
}
