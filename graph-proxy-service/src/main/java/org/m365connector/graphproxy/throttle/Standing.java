package org.m365connector.graphproxy.throttle;

/** How this replica stands with the others. In between neither is true: then it waits until it is clear. */
interface Standing {

    /** They hear us, and we know what they do: then we have our share, else the small one. */
    boolean heard();

    /** By now all of them count us as lost, and leave us what a lost one may use. */
    boolean missed();
}
