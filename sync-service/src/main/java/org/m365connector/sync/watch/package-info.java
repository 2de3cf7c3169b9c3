/** What a portal wants to hear about, and the containers at Graph that this means. */
package org.m365connector.sync.watch;
