/** What the features of a registration need of Microsoft Graph. */
package org.m365connector.auth.permission;
