/**
 * What each kind of login can do at Graph at all, whatever has been consented to: one table, asked before every call, by
 * whoever explains and by whoever would begin in vain.
 */
package org.m365connector.capability;
