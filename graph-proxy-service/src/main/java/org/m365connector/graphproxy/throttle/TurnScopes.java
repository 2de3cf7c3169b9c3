package org.m365connector.graphproxy.throttle;

/** Is told, by the thread that reads the topic, which scopes go by turns. */
interface TurnScopes {

    /**
     * @param opener replica and number of the first one in line
     * @param until in our time; {@link Long#MAX_VALUE} until it is told otherwise
     */
    void goByTurns(String app, String scope, Limit limit, String opener, long until);

    void areShared(String app, String scope);
}
