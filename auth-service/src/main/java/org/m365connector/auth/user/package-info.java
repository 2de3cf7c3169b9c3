/** What portals tell of their users: the fields in which we find their user principal names. */
package org.m365connector.auth.user;
