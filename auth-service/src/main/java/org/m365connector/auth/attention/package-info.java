/** What needs a human: since when, who is affected, how to repair. */
package org.m365connector.auth.attention;
