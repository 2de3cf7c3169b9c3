/**
 * The webhook door: what Graph sends is answered 2xx only once Kafka has it on all replicas. Needs nothing but Kafka.
 */
package org.m365connector.sync.door;
