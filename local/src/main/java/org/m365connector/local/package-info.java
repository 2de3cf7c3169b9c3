/** The verbs of {@code ./run}. */
package org.m365connector.local;
