/** Accounts: who signed in for them, whether they can be used, and from which generation on tokens count. */
package org.m365connector.auth.account;
