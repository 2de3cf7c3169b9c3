/**
 * Who may call: administrators with the admin key, portals with one of their keys, services of the suite with a service key.
 * Keys are only ever compared by hash and in constant time.
 */
package org.m365connector.access;
