package org.m365connector.local.suite;

/** A kind of machine. Only one kind can run the suite without containers, since the bundled PostgreSQL is made for it. */
public record Platform(String system, String processor) {
    public static final String CURE = "The bundled PostgreSQL is for Linux on amd64; elsewhere use docker-compose.yml";

    public static Platform ofThisMachine() {
        return new Platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    public boolean hasPostgres() {
        return system.equals("Linux") && processor.equals("amd64");
    }

    void requirePostgres() {
        if (!hasPostgres()) {
            throw new LocalException("This is " + this + ". " + CURE + " (see README.md).");
        }
    }

    @Override
    public String toString() {
        return system + " on " + processor;
    }
}
