/** Traces of calls over the services that they pass. Off unless somebody collects them. */
package org.m365connector.graphproxy.tracing;
