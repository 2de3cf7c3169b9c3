package org.m365connector.auth.portal;

import java.time.Instant;

/** A key that has just been made: the only time that its value is shown. */
record NewKey(String id, String value, Instant createdAt) {

    @Override
    public String toString() {
        return "NewKey[id=" + id + "]";
    }
}
