/**
 * The main job, played from outside: a portal with a plain Kafka client and a plain HTTP client, people with a browser,
 * and a look into Microsoft 365 for what really happened there.
 */
package org.m365connector.local.demo;
