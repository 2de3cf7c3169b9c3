package org.m365connector.graphproxy.throttle;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Calls that a scope has let in: where calls at once are counted those that run, else those that have not begun yet. Where they are
 * counted at once, also what is told of them, here and elsewhere. Guarded by the lock of its app.
 */
final class Inside {

    private int calls;

    /** Those of them that stand on the topic. The others went by this replica's share. */
    private int byTurn;

    /** How many calls by share the others have been told of last; 0 for none that they have to know of. */
    private int toldByShare;

    /** How many calls more than our share we run, as the others read it last. */
    private int overHere;

    /** How many calls more than their share others run, by replica; null where nobody does. */
    private Map<String, Integer> overElsewhere;

    int calls() {
        return calls;
    }

    void enter(Need need) {
        calls += need.permits();
        byTurn += need.turn() ? need.permits() : 0;
    }

    /** They go out, and count in the window from now on. */
    void begin(int permits) {
        calls -= permits;
    }

    void exit(Need need) {
        calls -= need.permits();
        byTurn = need.turn() ? Math.max(0, byTurn - need.permits()) : byTurn;
    }

    int byShare() {
        return calls - byTurn;
    }

    void turnsAreForgotten() {
        byTurn = 0;
    }

    /** @param inTurns whether all go by turns now, and have to know of each other's calls that do not */
    boolean isToBeTold(int share, boolean inTurns) {
        return inTurns || byShare() > share || toldByShare > 0 || overHere > 0;
    }

    /** Whether the others have to read that it is no more. */
    boolean isOverHere() {
        return overHere > 0;
    }

    /** A word of ours stands on the topic: so many calls more than our share. */
    void overHere(int more) {
        overHere = Math.max(0, more);
    }

    boolean isTold() {
        return toldByShare == byShare();
    }

    void told(int share, boolean inTurns) {
        toldByShare = byShare() > share || inTurns ? byShare() : 0;
    }

    /** Another replica runs so many calls more than its share. */
    void overElsewhere(String replica, int more) {
        if (more > 0) {
            overElsewhere = overElsewhere == null ? new HashMap<>() : overElsewhere;
            overElsewhere.put(replica, more);
        } else {
            goneElsewhere(replica);
        }
    }

    void goneElsewhere(String replica) {
        if (overElsewhere != null) {
            overElsewhere.remove(replica);
            overElsewhere = overElsewhere.isEmpty() ? null : overElsewhere;
        }
    }

    /** Whoever else has told something is no more. */
    void keepOnly(Set<String> replicas) {
        if (overElsewhere != null) {
            overElsewhere.keySet().retainAll(replicas);
            overElsewhere = overElsewhere.isEmpty() ? null : overElsewhere;
        }
    }

    /** How many calls more than their shares all others run. */
    int over() {
        int over = 0;
        if (overElsewhere != null) {
            for (int more : overElsewhere.values()) {
                over += more;
            }
        }
        return over;
    }

    boolean nobody() {
        return calls == 0 && overHere == 0 && overElsewhere == null;
    }
}
