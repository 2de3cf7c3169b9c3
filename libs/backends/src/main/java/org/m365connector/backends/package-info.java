/**
 * A real Kafka broker and a real PostgreSQL on this machine, without Docker and also as root. Tests start them with one
 * line, and {@code ./run} starts the same ones.
 *
 * <ul>
 *   <li>{@link org.m365connector.backends.KafkaBroker}: a broker inside this JVM, for plain tests.
 *   <li>{@link org.m365connector.backends.KafkaProcess}: a broker in a JVM of its own, for {@code ./run}, for
 *       {@code @QuarkusTest}s (whose class loaders come and go) and for tests that kill it.
 *   <li>{@link org.m365connector.backends.PostgresServer}: PostgreSQL, with one role and schema per service.
 *   <li>{@link org.m365connector.backends.BackendsTestResource}: both for a {@code @QuarkusTest}, one pair per JVM.
 * </ul>
 *
 * Brokers and servers started without a directory live in a temporary one that goes away with them. None of their
 * processes outlives the JVM that started it, not even if that is killed with -9.
 */
package org.m365connector.backends;
