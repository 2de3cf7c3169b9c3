/** auth-service: portals, registrations, accounts, logins and every token. One package per feature. */
package org.m365connector.auth;
