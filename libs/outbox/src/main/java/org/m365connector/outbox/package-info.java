/**
 * Events out and in without a loss and without a second effect, on one PostgreSQL and one Kafka.
 *
 * <h2>What it promises</h2>
 *
 * <ol>
 *   <li>An event that was added in a transaction is published if, and only if, that transaction commits: {@link
 *       org.m365connector.outbox.Outbox}.
 *   <li>Of one (topic, key), events reach Kafka in the order of their commits, provided that the writer holds the lock of
 *       what the event is about (the aggregate's row) before it adds. Older never comes after newer.
 *   <li>A reader with {@code read_committed} sees each event once, whichever relay was paused, killed or fenced at whichever
 *       moment; in the rarest case (Kafka forgot the relay's receipts, which it keeps for a week) twice, with the same id.
 *   <li>A row that the broker refuses (too large, no such topic …) blocks its (topic, key) only. It is tried again with a
 *       growing pause, counted, logged, and never dropped. A broker that is away costs nothing but time: everything waits,
 *       and nothing is marked.
 *   <li>Any number of replicas may run; one relays. Who was paused and comes back is fenced by Kafka and cannot publish.
 *   <li>An event that comes twice has its effect once, for eight days: {@link org.m365connector.outbox.Inbox}. Whoever needs to know for
 *       longer what is old asks {@link org.m365connector.outbox.LastPlaces}.
 *   <li>A record that cannot be understood goes to the dead-letter topic at once, with the reason as a header, otherwise
 *       unchanged, and the partition goes on. A record whose processing fails because something is away waits and is never
 *       dead-lettered: {@link org.m365connector.outbox.Consumption}.
 * </ol>
 *
 * <h2>How the relay keeps them</h2>
 *
 * <pre>
 *   take the lease (a row, in database time)  ──▶ nobody else begins
 *   open the producer (fixed transactional.id) ──▶ whoever was before is fenced, his open transaction is aborted
 *   read the receipts, delete those rows       ──▶ what he had committed but not deleted is not sent again
 *   ┌▶ renew the lease
 *   │  select rows by id (all, never "id &gt; last": ids do not follow the order of commits over all keys)
 *   │  Kafka transaction: the records and a receipt (row ids and their hash, as a consumer group's offset)
 *   │  delete the rows
 *   └─ wait for NOTIFY, or a second or two
 * </pre>
 *
 * The lease only spares useless fights. What makes two leaders harmless is Kafka: rows are selected after the own producer
 * was opened, and a producer that was opened later makes every earlier one powerless.
 *
 * <h2>How to use it</h2>
 *
 * Add {@code classpath:db/outbox} to {@code quarkus.flyway.locations}; inject {@link org.m365connector.outbox.Outbox} and
 * {@link org.m365connector.outbox.Consumption}. The relay starts with the application, its settings are {@code
 * m365.outbox.*}. The Kafka connection is Quarkus' default one ({@code kafka.*}).
 */
package org.m365connector.outbox;
