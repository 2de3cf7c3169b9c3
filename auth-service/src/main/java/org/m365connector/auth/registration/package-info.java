/** App registrations in Entra ID that a portal uses, their credentials and features. */
package org.m365connector.auth.registration;
