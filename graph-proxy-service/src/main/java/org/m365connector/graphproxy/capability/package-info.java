/** What each kind of login can do at Graph at all: one table, asked before every call and shown to callers. */
package org.m365connector.graphproxy.capability;
