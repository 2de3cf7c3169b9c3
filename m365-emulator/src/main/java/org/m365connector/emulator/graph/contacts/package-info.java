/** Contacts of people and their folders, as far as they are emulated. */
package org.m365connector.emulator.graph.contacts;
