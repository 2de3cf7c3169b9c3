/** Who the users of a portal are: told by the portal through Kafka or by REST, with the same effect. */
package org.m365connector.assignment.user;
