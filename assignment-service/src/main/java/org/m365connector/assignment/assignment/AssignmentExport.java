package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Writes all assignments of a registration, as they were in one moment, in a form that an import takes. Into a file first: no
 * connection to the database waits for who fetches it.
 */
@ApplicationScoped
class AssignmentExport {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int AT_ONCE = 1000;

    private final EntityManager entities;
    private final ObjectMapper json;
    private final TransferConfig config;
    private final Endings endings;

    AssignmentExport(EntityManager entities, ObjectMapper json, TransferConfig config, Endings endings) {
        this.entities = entities;
        this.json = json;
        this.config = config;
        this.endings = endings;
    }

    /** One assignment in a file. */
    private record Row(String kind, String id, List<String> accounts, String preferred, String narrowing) {}

    /** Who asks for it closes it. */
    Spool file(PortalId portal, RegistrationName registration, ImportFormat format) {
        var file = Spool.open(config.directory());
        try {
            write(portal, registration, format, file.out());
            return file;
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private void write(PortalId portal, RegistrationName registration, ImportFormat format, OutputStream out) {
        QuarkusTransaction.requiringNew()
                .timeout(Math.toIntExact(LONGEST.toSeconds()))
                .run(() -> {
                    try (var rows = rows(portal, registration)) {
                        switch (format) {
                            case CSV -> csv(rows, out);
                            case JSON -> json(rows, out);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private Stream<Row> rows(PortalId portal, RegistrationName registration) {
        var ended = endings.accounts(portal, registration).stream()
                .map(AccountName::value)
                .toList();
        return entities.unwrap(Session.class)
                .createNativeQuery(
                        "select lower(principal_kind), principal_id, array_to_string(accounts, ' '), default_account,"
                                + " cast(narrowing - cast(:ended as text[]) as text) from assignment where portal_id = :portal"
                                + " and registration = :registration and default_account <> all (cast(:ended as text[]))"
                                + " order by principal_kind, principal_id",
                        Object[].class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("ended", ended.toArray(String[]::new))
                .setFetchSize(AT_ONCE)
                .getResultStream()
                .map(row -> new Row(
                        row[0].toString(),
                        row[1].toString(),
                        List.of(row[2].toString().split(" ", -1)).stream()
                                .filter(account -> !ended.contains(account))
                                .toList(),
                        row[3].toString(),
                        row[4].toString()));
    }

    private static void csv(Stream<Row> rows, OutputStream out) throws IOException {
        // Excel takes a text without the mark for Windows-1252.
        out.write("\uFEFF".getBytes(StandardCharsets.UTF_8));
        try (SequenceWriter writer = new CsvMapper()
                .writer(CsvSchema.builder()
                        .addColumns(CsvImport.COLUMNS, CsvSchema.ColumnType.STRING)
                        .setColumnSeparator(';')
                        .build()
                        .withHeader())
                .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .writeValues(out)) {
            var each = rows.iterator();
            while (each.hasNext()) {
                var row = each.next();
                writer.write(List.of(
                        row.kind(), row.id(), String.join(" ", row.accounts()), row.preferred(), row.narrowing()));
            }
        }
    }

    private void json(Stream<Row> rows, OutputStream out) throws IOException {
        try (JsonGenerator writer = json.getFactory().createGenerator(out)) {
            writer.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            writer.writeStartArray();
            var each = rows.iterator();
            while (each.hasNext()) {
                var row = each.next();
                writer.writeRaw('\n');
                writer.writeStartObject();
                writer.writeObjectFieldStart("principal");
                writer.writeStringField("kind", row.kind());
                if (!row.id().isEmpty()) {
                    writer.writeStringField("id", row.id());
                }
                writer.writeEndObject();
                writer.writePOJOField("accounts", row.accounts());
                writer.writeStringField("default", row.preferred());
                // Also where nothing is narrowed: an import leaves alone what is not said.
                writer.writeFieldName("narrowing");
                writer.writeRawValue(row.narrowing());
                writer.writeEndObject();
            }
            writer.writeEndArray();
        }
    }
}
