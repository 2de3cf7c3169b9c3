package org.m365connector.backends;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server, from zonky's binaries: first start about three seconds, then less than one. Also runs as root
 * (zonky goes through {@code unshare}).
 *
 * <p>The server ends when this JVM ends, however it ends: a guard process, whose standard input closes with us, shuts it
 * down. It does not hear Ctrl-C, so that whoever started it can stop the services first.
 */
public final class PostgresServer implements AutoCloseable {

    private static final String NAME = "m365";
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** Waits for the end of its input, then has PostgreSQL (pid $0) shut down fast and, if $1 is given, removes that. */
    private static final String GUARD = """
            trap '' INT TERM HUP
            cat > /dev/null
            kill -INT "$0" 2> /dev/null
            if [ -n "$1" ]; then
              for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$0" 2> /dev/null || break; sleep 1; done
              rm -rf "$1"
            fi
            """;

    private final EmbeddedPostgres postgres;
    private final long pid;
    private final Process guard;

    private PostgresServer(EmbeddedPostgres postgres, long pid, Process guard) {
        this.postgres = postgres;
        this.pid = pid;
        this.guard = guard;
    }

    /** Starts a server on a free port in a temporary directory, without fsync: for tests. {@link #close()} deletes it. */
    public static PostgresServer start() {
        Path directory = Directories.temporary("m365-postgres-");
        return start(directory, Ports.free(), true);
    }

    /** Starts a server with what the directory holds; an empty or missing directory is a new server. */
    public static PostgresServer start(Path directory, int port) {
        return start(directory, port, false);
    }

    /**
     * On a thread of its own, where nobody interrupts it: zonky takes that for the end of waiting, and what it has started by then nobody knows of.
     * Whoever is interrupted here, is so when it is up.
     */
    private static PostgresServer start(Path directory, int port, boolean temporary) {
        try {
            return CompletableFuture.supplyAsync(
                            () -> started(directory, port, temporary),
                            task -> new Thread(task, "postgres-start").start())
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static PostgresServer started(Path directory, int port, boolean temporary) {
        Directories.create(directory);
        Path data = directory.resolve("data");
        Redirect log = Redirect.appendTo(directory.resolve("postgres.log").toFile());
        var builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(PATIENCE)
                .setOutputRedirector(log)
                .setErrorRedirector(log)
                .setServerConfig("max_connections", "200")
                .setServerConfig("shared_buffers", "32MB")
                .setServerConfig("timezone", "UTC");
        // Zonky trades durability for speed unless told otherwise; only what is thrown away anyway may do so.
        String durable = temporary ? "off" : "on";
        builder.setServerConfig("fsync", durable)
                .setServerConfig("full_page_writes", durable)
                .setServerConfig("synchronous_commit", durable);
        try {
            EmbeddedPostgres postgres = builder.start();
            String pid =
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip();
            String rest = temporary ? directory.toString() : "";
            Process guard = new ProcessBuilder(List.of("sh", "-c", GUARD, pid, rest)).start();
            var server = new PostgresServer(postgres, Long.parseLong(pid), guard);
            server.makeDatabase();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start on port " + port + ", see " + directory, e);
        }
    }

    public int port() {
        return postgres.getPort();
    }

    /** Where an administrator (user {@code postgres}, no password) connects. */
    public String jdbcUrl() {
        return "jdbc:postgresql://localhost:" + port() + "/" + NAME;
    }

    /**
     * A role of that name that owns a schema of that name, which is also what its unqualified names mean. Made unless it is
     * there.
     *
     * @param name letters, digits and underscores
     */
    public Database schema(String name) {
        return schema(jdbcUrl(), name);
    }

    /** The same as {@link #schema(String)} for a server that another class loader started. */
    static Database schema(String jdbcUrl, String name) {
        if (!name.matches("[a-z][a-z0-9_]{0,40}")) {
            throw new IllegalArgumentException("Not a name for a schema: " + name);
        }
        String password = name + "-local";
        try (Connection connection = DriverManager.getConnection(jdbcUrl, "postgres", "");
                var statement = connection.createStatement()) {
            statement.execute("""
                    DO $$ BEGIN
                      CREATE ROLE %1$s LOGIN PASSWORD '%2$s';
                    EXCEPTION WHEN duplicate_object THEN
                      ALTER ROLE %1$s PASSWORD '%2$s';
                    END $$""".formatted(name, password));
            statement.execute("CREATE SCHEMA IF NOT EXISTS %1$s AUTHORIZATION %1$s".formatted(name));
            statement.execute("ALTER ROLE %1$s SET search_path = %1$s".formatted(name));
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot make schema " + name, e);
        }
        return new Database(jdbcUrl, name, password, name);
    }

    private void makeDatabase() {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement();
                var found = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
            if (!found.next()) {
                statement.execute("CREATE DATABASE " + NAME);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot make database " + NAME, e);
        }
    }

    /** {@code kill -9} of the server and its processes; what it stored stays for another start with the same directory. */
    public void kill() {
        ProcessHandle.of(pid).ifPresent(server -> {
            List<ProcessHandle> all =
                    Stream.concat(Stream.of(server), server.descendants()).toList();
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(process -> process.onExit().join());
        });
        close();
    }

    /** Shuts the server down, cutting connections that are still open. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            guard.waitFor(30, TimeUnit.SECONDS);
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop PostgreSQL", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
