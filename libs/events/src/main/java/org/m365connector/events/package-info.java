/**
 * What crosses a boundary on Kafka: typed ids, topic names, the CloudEvents envelope and the data of every event type.
 *
 * <p>Nothing here does input or output. The golden JSON of every type lies in {@code src/test/resources/golden}; a change
 * that alters a golden file is a change of the contract.
 */
package org.m365connector.events;
