package org.m365connector.graphproxy.throttle;

/** Shares among the replicas that are there. */
final class ReplicaShares implements Shares {

    private final Fleet fleet;
    private final Standing standing;

    ReplicaShares(Fleet fleet, Standing standing) {
        this.fleet = fleet;
        this.standing = standing;
    }

    @Override
    public boolean whole() {
        return standing.heard();
    }

    @Override
    public int of(Need need, boolean whole) {
        Limit limit = need.limit();
        if (limit.none()) {
            return limit.count();
        }
        return switch (need.by()) {
            case WHOLE, TURN -> limit.count();
            case ALONE ->
                limit.atOnce() || shared(limit) ? fleet.smallShare(need.scope(), limit.count()) : limit.count();
            case SHARE -> whole ? share(need.scope(), limit) : fleet.smallShare(need.scope(), limit.count());
        };
    }

    private int share(String scope, Limit limit) {
        return shared(limit) ? fleet.share(scope, limit) : 0;
    }

    @Override
    public int untold(Limit limit) {
        return limit.atOnce() ? 0 : fleet.untold(limit.count());
    }

    @Override
    public boolean shared(Limit limit) {
        return fleet.sharesOut(limit.count());
    }

    @Override
    public boolean asksOthers(Need need, int share, boolean whole) {
        return switch (need.by()) {
            case WHOLE, TURN -> false;
            case ALONE -> !standing.missed();
            case SHARE -> whole && !need.limit().none() && need.permits() > share && !fleet.alone();
        };
    }
}
