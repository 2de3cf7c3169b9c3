/** Who acts as whom in Microsoft 365: portal users, the accounts assigned to them, and why. */
package org.m365connector.assignment;
