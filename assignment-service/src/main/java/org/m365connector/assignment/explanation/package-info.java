/** Which account would act for a portal user, and why. */
package org.m365connector.assignment.explanation;
