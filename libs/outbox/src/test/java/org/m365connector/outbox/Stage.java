package org.m365connector.outbox;

import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.internal.jta.transaction.arjunacore.TransactionSynchronizationRegistryImple;
import com.arjuna.ats.jta.TransactionManager;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.agroal.narayana.NarayanaTransactionIntegration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.m365connector.backends.Database;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.PostgresServer;

/**
 * A service's database and Kafka as it has them in production: a schema of its own with the tables of this library, a
 * connection pool, a transaction manager, a broker. Broker and server are one pair per JVM; schema and topics are new ones
 * for each stage.
 */
final class Stage implements AutoCloseable {

    static final KafkaProcess KAFKA = KafkaProcess.start();
    static final PostgresServer POSTGRES = PostgresServer.start();

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String name =
            "t" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    private final List<OutboxRelay> relays = new ArrayList<>();

    final Database access = POSTGRES.schema(name);
    final AgroalDataSource database = pool(access);
    final jakarta.transaction.TransactionManager transactions = TransactionManager.transactionManager();
    final Outbox outbox = new Outbox(database, transactions);
    final Inbox inbox = new Inbox(database, transactions);
    final MeterRegistry meters = new SimpleMeterRegistry();

    static {
        // Long enough for a machine that does much else; what comes true earlier is seen earlier.
        Awaitility.setDefaultTimeout(Duration.ofSeconds(90));

        // The transaction manager's store for transactions over several resources, which we never use.
        BeanPopulator.getDefaultInstance(ObjectStoreEnvironmentBean.class).setObjectStoreDir("target/transactions");
        for (String store : List.of("stateStore", "communicationStore")) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, store)
                    .setObjectStoreDir("target/transactions");
        }
    }

    Stage() {
        execute(script());
    }

    String name() {
        return name;
    }

    /** A topic of this stage only. */
    String topic(String kind, Map<String, String> config) {
        String topic = missingTopic(kind);
        KAFKA.createTopic(topic, 3, config);
        return topic;
    }

    String topic(String kind) {
        return topic(kind, Map.of());
    }

    String missingTopic(String kind) {
        return name + "." + kind;
    }

    /** Starts a relay in this JVM. */
    OutboxRelay relay() {
        var relay = new OutboxRelay(settings(name, Duration.ofSeconds(5)), database, kafka(), meters);
        relays.add(relay);
        relay.start();
        return relay;
    }

    /** Quicker than in production, so that tests need not wait. */
    static RelaySettings settings(String name, Duration patience) {
        return new RelaySettings(
                name,
                Duration.ofMillis(1500),
                Duration.ofMillis(500),
                patience,
                Duration.ofMillis(200),
                Duration.ofSeconds(1),
                Duration.ofDays(8));
    }

    static Map<String, Object> kafka() {
        return Map.of("bootstrap.servers", KAFKA.bootstrapServers());
    }

    static AgroalDataSource pool(Database access) {
        var configuration = new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool -> pool.maxSize(10)
                        .acquisitionTimeout(Duration.ofSeconds(5))
                        .transactionIntegration(new NarayanaTransactionIntegration(
                                TransactionManager.transactionManager(), new TransactionSynchronizationRegistryImple()))
                        .connectionFactoryConfiguration(connections -> connections
                                .jdbcUrl(access.jdbcUrl())
                                .jdbcProperty(
                                        "ApplicationName",
                                        "pid " + ProcessHandle.current().pid())
                                .principal(new NamePrincipal(access.username()))
                                .credential(new SimplePassword(access.password()))));
        try {
            return AgroalDataSource.from(configuration);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    <T> T inTransaction(Callable<T> work) throws Exception {
        transactions.begin();
        try {
            T result = work.call();
            transactions.commit();
            return result;
        } catch (Exception e) {
            transactions.rollback();
            throw e;
        }
    }

    void inTransaction(Runnable work) throws Exception {
        inTransaction(() -> {
            work.run();
            return null;
        });
    }

    void execute(String sql) {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The one number or text that the query finds, as text; null if it finds none. */
    String ask(String sql) {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long waiting() {
        return Long.parseLong(ask("SELECT count(*) FROM outbox"));
    }

    /** Everything that a reader of committed records finds in the topic now; per partition in order. */
    static List<ConsumerRecord<String, byte[]>> read(String topic) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", KAFKA.bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest");
        var records = new ArrayList<ConsumerRecord<String, byte[]>>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic, PATIENCE).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            var ends = consumer.endOffsets(partitions, PATIENCE);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    static List<String> texts(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Sends as a portal would, and returns the records as a consumer gets them. */
    static List<ConsumerRecord<String, byte[]>> send(List<ProducerRecord<String, byte[]>> records) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "acks", "all");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            for (var record : records) {
                producer.send(record).get();
            }
        }
        String topic = records.get(0).topic();
        var all = read(topic);
        return IntStream.range(0, records.size())
                .mapToObj(i -> all.get(all.size() - records.size() + i))
                .toList();
    }

    private static String script() {
        try (var in = Stage.class.getResourceAsStream("/db/outbox/V0_1__outbox.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        relays.forEach(OutboxRelay::close);
        database.close();
    }
}
