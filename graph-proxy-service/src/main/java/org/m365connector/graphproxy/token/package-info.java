/** Access tokens of accounts: fetched from auth-service, kept in memory only as long as they may be used. */
package org.m365connector.graphproxy.token;
