package org.m365connector.backends;

/**
 * How one service reaches its own part of a PostgreSQL server: its role, which owns one schema and sees no other.
 *
 * @param jdbcUrl without user and password
 */
public record Database(String jdbcUrl, String username, String password, String schema) {

    @Override
    public String toString() {
        return "Database[" + jdbcUrl + ", username=" + username + ", schema=" + schema + "]";
    }
}
