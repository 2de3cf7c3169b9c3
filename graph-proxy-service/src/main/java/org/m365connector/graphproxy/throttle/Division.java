package org.m365connector.graphproxy.throttle;

import java.util.Comparator;
import java.util.List;

/**
 * How limits are divided, as one replica sees it: whoever is lost keeps what he said that he goes on with, and those who are alive share the
 * rest. At least one call is always theirs, since nobody goes on with all that he has.
 *
 * @param alive how many are, this one included
 * @param position among those, by their names
 * @param away those who are lost
 */
record Division(int alive, int position, List<Away> away) {

    /** Who has not said more goes on with one call at most. */
    static final int SMALLEST_PART = 1 << 24;

    /** First those who keep only that, then those who have most. */
    private static final Comparator<Away> ORDER = Comparator.comparing(Away::mayRun)
            .thenComparingInt(Away::oneInAtOnce)
            .thenComparing(Away::before);

    static final Division ALONE = new Division(1, 0, List.of());

    /**
     * Somebody who is lost.
     *
     * @param dead whether that is proved; else he is perhaps only cut off
     * @param oneInATime of limits in a time he goes on with one part in so many, or has used that and not told
     * @param oneInAtOnce the same of calls at once; as long as they may run, where he is dead
     * @param mayRun whether calls at once may go on that he began with his whole share
     * @param before whether his name comes before ours
     */
    record Away(boolean dead, int oneInATime, int oneInAtOnce, boolean mayRun, boolean before) {

        static Away cutOff(int oneIn, boolean mayRun, boolean before) {
            return new Away(false, oneIn, oneIn, mayRun, before);
        }

        int keeps(Limit limit) {
            return limit.atOnce() ? atOnce(limit.count()) : inATime(limit.count());
        }

        /** Of limits of either kind. */
        int keeps(int limit) {
            return Math.max(inATime(limit), atOnce(limit));
        }

        private int inATime(int limit) {
            return dead ? limit / oneInATime : Math.max(1, limit / oneInATime);
        }

        private int atOnce(int limit) {
            return mayStillCall() ? Math.max(1, limit / oneInAtOnce) : 0;
        }

        /** Also those that are at Graph. */
        boolean mayStillCall() {
            return !dead || mayRun;
        }

        /** The larger part. */
        private int oneIn() {
            return mayStillCall() ? Math.min(oneInATime, oneInAtOnce) : oneInATime;
        }
    }

    Division {
        away = away.stream().sorted(ORDER).toList();
    }

    /** What all have together who are lost. */
    int reserved(int limit) {
        return limit - rest(limit);
    }

    private int rest(int limit) {
        int rest = limit;
        for (Away one : away) {
            rest -= one.keeps(limit);
        }
        return Math.max(1, rest);
    }

    /** Whether there is one for each, also for those who are lost: so nothing changes when one of them is, whom one misses before another does. */
    boolean sharesOut(int limit) {
        return limit >= counted();
    }

    private int counted() {
        int counted = alive;
        for (Away one : away) {
            counted += one.mayStillCall() ? 1 : 0;
        }
        return counted;
    }

    /** What the dead may have used of a limit in a time beyond what they told. */
    int untold(int limit) {
        int untold = 0;
        for (Away one : away) {
            untold += one.dead() ? one.inATime(limit) : 0;
        }
        return Math.min(limit, untold);
    }

    /**
     * This replica's share; 0 where those who are lost have so much that there is not one for each. Of calls at once somebody who may still run some has an equal part; he has more where he goes on with more than that.
     */
    int share(String scope, Limit limit) {
        int rest = limit.count();
        int sharing = alive;
        int place = position;
        if (limit.atOnce()) {
            for (Away one : away) {
                sharing += one.mayRun() ? 1 : 0;
                place += one.mayRun() && one.before() ? 1 : 0;
            }
        }
        for (Away one : away) {
            int keeps = one.keeps(limit);
            boolean isShared = limit.atOnce() && one.mayRun();
            if (!isShared || keeps > rest / sharing) {
                rest = Math.max(1, rest - keeps);
                sharing -= isShared ? 1 : 0;
                place -= isShared && one.before() ? 1 : 0;
            }
        }
        return rest / sharing + (rank(place, scope, sharing) < rest % sharing ? 1 : 0);
    }

    /** A replica that is cut off goes on with one part in so many: half of its share. */
    int oneIn() {
        double rest = 1;
        for (Away one : away) {
            rest -= 1.0 / one.oneIn();
        }
        double parts = rest > 0 ? Math.ceil(2 * alive / rest - 1e-6) : SMALLEST_PART;
        return (int) Math.min(SMALLEST_PART, parts);
    }

    /**
     * What this one goes on with when it is cut off: no more than {@link #oneIn()} says, but one of a limit that is larger than the number of
     * replicas. If all did, one would be left of what they share: it is for those who have come since, of whom they know nothing.
     */
    int small(String scope, int limit) {
        int rest = rest(limit);
        if (alive < rest || (alive == 1 && away.isEmpty())) {
            return Math.max(1, Math.min(rest / (2 * alive), limit / oneIn()));
        }
        int few = alive == rest ? rest - 1 : rest / 2;
        return rank(position, scope, alive) < few ? 1 : 0;
    }

    /** Whether it is the one that goes on where a limit in a time is too small to be shared, and nobody can be asked. */
    boolean goesOnAlone(String scope) {
        return rank(position, scope, counted()) == 0;
    }

    private static int rank(int position, String scope, int of) {
        return Math.floorMod(position + scope.hashCode(), of);
    }
}
