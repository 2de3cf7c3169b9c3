/** Which principal of a portal may use which accounts under a registration, and what follows for each portal user. */
package org.m365connector.assignment.assignment;
