/** The one way to read a compacted topic into memory. */
package org.m365connector.view;
