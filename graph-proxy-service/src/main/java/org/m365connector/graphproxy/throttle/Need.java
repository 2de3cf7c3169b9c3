package org.m365connector.graphproxy.throttle;

/**
 * What a call takes of one scope.
 *
 * @param scope unique within its app
 * @param permits more than one for a batch
 * @param whole whether the limit is this replica's alone, and not to be shared
 */
record Need(String scope, Limit limit, int permits, boolean whole) {

    Need times(int more) {
        return new Need(scope, limit, permits + more, whole);
    }
}
