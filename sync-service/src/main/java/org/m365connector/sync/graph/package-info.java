/**
 * Microsoft Graph as the rest of this service sees it: Microsoft's SDK with graph-proxy-service as its base URL, acting as
 * somebody, and every failure as data.
 */
package org.m365connector.sync.graph;
