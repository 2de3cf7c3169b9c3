/** Portals, their keys and their topics. */
package org.m365connector.auth.portal;
