/** Threads that look for work in the database, the roles that decide which of them run, and the clock. */
package org.m365connector.sync.work;
