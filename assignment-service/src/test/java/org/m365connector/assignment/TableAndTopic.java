package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Reading;
import org.m365connector.events.Topics;

/** What stands in {@code effective_assignments} and what readers of {@code m365.assignments} know, in the same form. */
final class TableAndTopic {
    private TableAndTopic() {}

    /** All that is said of one portal user. */
    record Row(
            long version,
            List<String> accounts,
            Optional<String> preferred,
            Map<String, JsonNode> narrowing,
            Optional<DecidingRule> rule,
            Optional<String> technicalUser) {}

    static Map<String, Row> table(Connection connection, PortalId portal) throws SQLException {
        var rows = new TreeMap<String, Row>();
        try (var statement = connection.prepareStatement("select * from effective_assignments where portal_id = ?")) {
            statement.setString(1, portal.value());
            try (var found = statement.executeQuery()) {
                while (found.next()) {
                    rows.put(
                            found.getString("portal_user"),
                            new Row(
                                    found.getLong("version"),
                                    List.of((String[])
                                            found.getArray("accounts").getArray()),
                                    Optional.ofNullable(found.getString("default_account")),
                                    narrowing(found.getString("narrowing")),
                                    rule(found.getString("rule_kind"), found.getString("rule_name")),
                                    Optional.ofNullable(found.getString("technical_user"))));
                }
            }
        }
        return rows;
    }

    /** Whoever begins to read now, from nothing; on the way no version of a key may come twice, or after a later one. */
    static Map<String, Row> topic(KafkaSide kafka, PortalId portal) {
        var byUser = new TreeMap<String, Row>();
        var versions = new HashMap<String, Long>();
        for (var record : kafka.read(Topics.ASSIGNMENTS)) {
            if (!record.key().startsWith(portal + "/")) {
                continue;
            }
            var said = said(record);
            said.ifPresentOrElse(
                    now -> byUser.put(now.portalUser().value(), row(now)),
                    () -> byUser.remove(record.key().substring(record.key().lastIndexOf('/') + 1)));
            long version = said.map(AssignmentsRecord::version).orElseGet(() -> version(record));
            assertThat(version)
                    .as("version of " + record.key())
                    .isGreaterThan(versions.getOrDefault(record.key(), Long.MIN_VALUE));
            versions.put(record.key(), version);
        }
        return byUser;
    }

    /** Whoever has read all the time. */
    static Map<String, Row> view(KafkaSide kafka, PortalId portal) {
        var byUser = new TreeMap<String, Row>();
        kafka.view(portal).forEach((user, record) -> byUser.put(user.value(), row(record)));
        return byUser;
    }

    private static Optional<AssignmentsRecord> said(ConsumerRecord<String, byte[]> record) {
        return EventCodec.read(record) instanceof Reading.Understood understood
                ? Optional.of(EventCodec.json().convertValue(understood.event().data(), AssignmentsRecord.class))
                : Optional.empty();
    }

    private static long version(ConsumerRecord<String, byte[]> tombstone) {
        return Long.parseLong(new String(
                tombstone.headers().lastHeader("version").value(), java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static Row row(AssignmentsRecord record) {
        var narrowing = new TreeMap<String, JsonNode>();
        record.accounts().forEach(held -> held.narrowing()
                .ifPresent(left ->
                        narrowing.put(held.account().value(), EventCodec.json().valueToTree(left))));
        return new Row(
                record.version(),
                record.accounts().stream().map(held -> held.account().value()).toList(),
                record.accounts().stream()
                        .filter(AssignmentsRecord.Account::isDefault)
                        .map(held -> held.account().value())
                        .findFirst(),
                narrowing,
                record.rule(),
                record.technicalUser().map(PortalUser::value));
    }

    private static Optional<DecidingRule> rule(String kind, String name) {
        return Optional.ofNullable(kind)
                .map(known -> new DecidingRule(DecidingRule.Kind.valueOf(known), Optional.ofNullable(name)));
    }

    private static Map<String, JsonNode> narrowing(String json) {
        try {
            var narrowing = new TreeMap<String, JsonNode>();
            EventCodec.json()
                    .readTree(json)
                    .properties()
                    .forEach(member -> narrowing.put(member.getKey(), member.getValue()));
            return narrowing;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
