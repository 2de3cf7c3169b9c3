/** Who called what, and how it ended: for the operator's records and figures. Holds nothing of what was in a call. */
package org.m365connector.graphproxy.audit;
