/**
 * Notifications with resource data: the suite's key pairs, the proof that one is Graph's, and its content in the clear. What is
 * done with the content is the rounds' business.
 */
package org.m365connector.sync.rich;
