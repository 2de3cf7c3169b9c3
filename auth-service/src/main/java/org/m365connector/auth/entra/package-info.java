/** The one client of Microsoft Entra ID: grants, device codes, id tokens. What it answers is data, failures included. */
package org.m365connector.auth.entra;
