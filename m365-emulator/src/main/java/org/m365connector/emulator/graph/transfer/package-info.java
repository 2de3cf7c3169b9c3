/** What goes to and from other hosts than Graph's, by addresses that hold their own secret: uploads in pieces, downloads. */
package org.m365connector.emulator.graph.transfer;
