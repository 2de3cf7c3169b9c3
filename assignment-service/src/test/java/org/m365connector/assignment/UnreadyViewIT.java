package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.backends.Ports;
import org.m365connector.view.Views;

/** A service that has been started while Kafka was away: it knows what is in its database, and nothing of the topics. */
@QuarkusTest
@WithTestResource(
        value = UnreadyViewIT.WithoutKafka.class,
        initArgs = @ResourceArg(name = "schema", value = "assignment"))
class UnreadyViewIT {

    /** The database of the other tests, and nobody where Kafka should be. */
    public static final class WithoutKafka implements QuarkusTestResourceLifecycleManager {
        private final BackendsTestResource backends = new BackendsTestResource();

        @Override
        public void init(Map<String, String> args) {
            backends.init(args);
        }

        @Override
        public Map<String, String> start() {
            var config = new HashMap<>(backends.start());
            config.put("kafka.bootstrap.servers", "localhost:" + Ports.free());
            return config;
        }

        @Override
        public void stop() {
            backends.stop();
        }
    }

    @Inject
    AgroalDataSource database;

    @Inject
    Views views;

    @Test
    void portalThatWasGoneMayHaveBeenOnboardedAgainAndIsAskedForOnceMore() throws Exception {
        assertThat(views.portals().ready()).isFalse();
        noteThatItIsGone("p-gone-and-back");

        asAdmin()
                .body("{}")
                .put("/api/portals/p-gone-and-back/users/ADA")
                .then()
                .statusCode(503)
                .body("type", equalTo("/problems/unavailable"))
                .header("Retry-After", notNullValue());
    }

    private void noteThatItIsGone(String portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate("""
                    insert into portal (portal_id, gone, gone_version) values ('%s', true, 2)
                    on conflict (portal_id) do nothing""".formatted(portal));
        }
    }
}
