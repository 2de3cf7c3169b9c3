package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.sync.GraphStandIn;

/** What the tables become of calendars that were watched before series were known. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.calendar-slide", value = "1D"),
            @ResourceArg(name = "m365.sync.round.page-size", value = "2")
        })
class CalendarsOfBeforeIT {
    private static final String UPDATE = "update container";

    @Inject
    DataSource database;

    private static String updateOfContainers() throws IOException {
        try (InputStream in = CalendarsOfBeforeIT.class.getResourceAsStream("/db/migration/V12__series.sql")) {
            String migration = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return migration.substring(migration.indexOf(UPDATE));
        }
    }

    /** In a transaction that comes to nothing, since the tables are up to date already. */
    @Test
    void eachIsLookedAtAsAWholeInItsNextRound() throws SQLException, IOException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "insert into container (portal, path, kind, carrier, since, due_at, scanning, baseline, delta_link, page_link)"
                                + " values ('of-before', 'users/u/events', 'calendar', 'w', now(), '2030-06-01T00:00:00Z', false, false,"
                                + " '2026-11-19T12:00:00Z /users/u/calendarView/delta?$deltatoken=a b', '2026-11-19T12:00:00Z /next'),"
                                + " ('of-before', 'users/v/events', 'calendar', 'w', now(), now(), true, true, null,"
                                + " '2026-11-19T12:00:00Z /next'),"
                                + " ('of-before', 'drives/d', 'drive', 'w', now(), now(), false, false, '/drives/d/delta?token=t', null)");

                statement.execute(updateOfContainers());

                assertThat(row(statement, "users/u/events"))
                        .as("outgrown, due when it was, and begun anew where it was being read")
                        .isEqualTo("2000-01-01T00:00:00Z /users/u/calendarView/delta?$deltatoken=a b, null, 2030");
                assertThat(row(statement, "users/v/events")).startsWith("null, null, ");
                assertThat(row(statement, "drives/d")).startsWith("/drives/d/delta?token=t, null, ");
            } finally {
                connection.rollback();
            }
        }
    }

    private static String row(Statement statement, String path) throws SQLException {
        try (var rows = statement.executeQuery("select delta_link, page_link, extract(year from due_at) from container"
                + " where portal = 'of-before' and path = '" + path + "'")) {
            rows.next();
            return rows.getString(1) + ", " + rows.getString(2) + ", " + rows.getInt(3);
        }
    }
}
