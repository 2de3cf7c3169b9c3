package org.m365connector.assignment.user;

/** What users are told to belong to. */
public enum GroupKind {
    GROUP,
    ROLE
}
