/** Who changed which assignment, when and why. */
package org.m365connector.assignment.history;
