/** Delta rounds: hints and time make a container due, a worker reads what Graph shows and has it turned into changes. */
package org.m365connector.sync.round;
