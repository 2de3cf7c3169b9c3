/** Encryption of everything that must not be readable in the database: credentials, tokens, tickets. */
package org.m365connector.auth.vault;
