/**
 * The suite as processes of this machine: what is started, in which order, with which settings, and how all of it ends,
 * also when the launcher is killed. Used by {@code ./run}, by the black-box tests and by the benchmarks.
 */
package org.m365connector.local.suite;
