/** What nobody may be able to read where he should not. Used by the black-box tests and by the benchmarks. */
package org.m365connector.local.hunt;
