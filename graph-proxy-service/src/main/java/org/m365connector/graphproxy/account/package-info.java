/** Which Microsoft 365 account a call runs as, from the effective assignments of its portal user. */
package org.m365connector.graphproxy.account;
