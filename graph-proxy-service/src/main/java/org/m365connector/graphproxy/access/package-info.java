/** Who may call, and what an address means: path safety, keys, portal and registration. Refuses what it does not know. */
package org.m365connector.graphproxy.access;
