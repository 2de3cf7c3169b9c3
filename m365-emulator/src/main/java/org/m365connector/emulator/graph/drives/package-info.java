/** OneDrive, as far as it is emulated: everybody's drive, its files and folders, small and large uploads, downloads, delta. */
package org.m365connector.emulator.graph.drives;
