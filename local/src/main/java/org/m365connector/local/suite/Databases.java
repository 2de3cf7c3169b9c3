package org.m365connector.local.suite;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** In the one database a schema for each service that has one, owned by a user of the same name who sees no other. */
final class Databases {
    static final String DATABASE = "m365";

    private Databases() {}

    static void prepare(int port, Map<Service, String> passwords) {
        String url = "jdbc:postgresql://localhost:" + port + "/" + DATABASE + "?user=postgres";
        try (Connection database = DriverManager.getConnection(url);
                Statement statement = database.createStatement()) {
            for (Service service : Service.values()) {
                if (service.schema().isPresent()) {
                    prepare(statement, service.schema().get(), passwords.get(service));
                }
            }
        } catch (SQLException e) {
            throw new LocalException("PostgreSQL does not make the schemas: " + e.getMessage(), e);
        }
    }

    private static void prepare(Statement statement, String name, String password) throws SQLException {
        if (!exists(statement, "select 1 from pg_roles where rolname = '" + name + "'")) {
            statement.execute("create role " + name + " login");
            statement.execute("alter role " + name + " set search_path = " + name);
            statement.execute("create schema " + name + " authorization " + name);
        }
        statement.execute("alter role " + name + " password '" + password + "'");
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }
}
