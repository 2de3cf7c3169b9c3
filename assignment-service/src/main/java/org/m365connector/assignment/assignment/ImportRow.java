package org.m365connector.assignment.assignment;

/**
 * One assignment of an import, checked for itself.
 *
 * @param line where it begins in the file, from 1
 * @param leavesNarrowing whether the file does not speak of what is left of the accounts' power; then it stays what it is
 */
record ImportRow(long line, Principal principal, Accounts accounts, boolean leavesNarrowing) {
    static ImportRow of(long line, AssignmentRequest request) {
        return new ImportRow(line, request.toPrincipal(), request.toAccounts(), request.leavesNarrowing());
    }
}
