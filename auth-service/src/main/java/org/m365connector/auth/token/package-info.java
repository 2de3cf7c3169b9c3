/** Token issue: the right access token at once, or what a human must do. One call to Entra for everybody who waits. */
package org.m365connector.auth.token;
