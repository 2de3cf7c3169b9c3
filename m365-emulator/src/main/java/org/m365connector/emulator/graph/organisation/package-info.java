/** What only an organisation has, as far as is needed to tell who may ask for it. */
package org.m365connector.emulator.graph.organisation;
