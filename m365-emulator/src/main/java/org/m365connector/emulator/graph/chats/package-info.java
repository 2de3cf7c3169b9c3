/** Chats, as far as is needed to tell who may do what in them. */
package org.m365connector.emulator.graph.chats;
