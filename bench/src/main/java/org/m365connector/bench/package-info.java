/** The budgets of the suite, measured. Each benchmark prints a table and writes {@code target/bench/NAME.json}. */
package org.m365connector.bench;
