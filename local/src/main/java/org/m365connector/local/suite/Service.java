package org.m365connector.local.suite;

import java.util.Locale;
import java.util.Optional;

/** The four services of the suite, as they are packaged and as they run on one machine. */
public enum Service {
    AUTH("auth-service", 8081, "auth"),
    ASSIGNMENT("assignment-service", 8082, "assignment"),
    PROXY("graph-proxy-service", 8083, null),
    SYNC("sync-service", 8084, "sync");

    private final String module;
    private final int usualPort;
    private final String schema;

    Service(String module, int usualPort, String schema) {
        this.module = module;
        this.usualPort = usualPort;
        this.schema = schema;
    }

    /** Its Maven module, which is also its name in logs and messages. */
    public String module() {
        return module;
    }

    public int usualPort() {
        return usualPort;
    }

    /** Its PostgreSQL schema, which is also the name of its database user. */
    Optional<String> schema() {
        return Optional.ofNullable(schema);
    }

    /** How its address is called in the environment: {@code AUTH_URL} and, for the services, {@code M365_AUTH_URL}. */
    String urlVariable() {
        return name().toUpperCase(Locale.ROOT) + "_URL";
    }
}
