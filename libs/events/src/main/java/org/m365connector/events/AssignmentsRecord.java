package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * The effective assignments of one portal user on {@code m365.assignments}, key {@code portalId/registration/portalUser}. Every
 * portal user known to the suite has a record, also one with nothing assigned; without a record he is unknown.
 * The record of {@link #DEFAULT} says what somebody new would get.
 *
 * @param version rises with every change of this record
 * @param accounts what he may use; at most one is the default
 * @param technicalUser in the record of {@link #DEFAULT}: the portal user whom processes without a user run as
 * @param rule which assignment says so; empty where nothing is assigned, and in records of earlier versions
 */
public record AssignmentsRecord(
        PortalId portalId,
        RegistrationName registration,
        PortalUser portalUser,
        long version,
        List<Account> accounts,
        Optional<PortalUser> technicalUser,
        Optional<DecidingRule> rule) {

    /** Type of the event that carries this record. */
    public static final String TYPE = "assignments-changed.v1";

    /** In place of a portal user: the record of the {@code default} principal. */
    public static final PortalUser DEFAULT = new PortalUser("default");

    /**
     * One account that may be used.
     *
     * @param narrowing what is left of its power; empty: all
     */
    public record Account(
            AccountName account, @JsonProperty("isDefault") boolean isDefault, Optional<Narrowing> narrowing) {
        @JsonCreator
        public Account {
            narrowing = narrowing == null ? Optional.empty() : narrowing;
        }

        /** With all its power. */
        public Account(AccountName account, boolean isDefault) {
            this(account, isDefault, Optional.empty());
        }
    }

    /** Which account acts. */
    public sealed interface Resolution {
        /** This one. */
        record Acting(AccountName account) implements Resolution {}

        /** Another account was named than those assigned. */
        record NotAssigned(AccountName named, List<AccountName> available) implements Resolution {}

        /** None was named, and none is the default. */
        record NoDefault(List<AccountName> available) implements Resolution {}

        /** Nothing is assigned at all. */
        record NothingAssigned() implements Resolution {}
    }

    @JsonCreator
    public AssignmentsRecord {
        accounts = accounts == null ? List.of() : List.copyOf(accounts);
        technicalUser = technicalUser == null ? Optional.empty() : technicalUser;
        rule = rule == null ? Optional.empty() : rule;
    }

    public AssignmentsRecord(
            PortalId portalId,
            RegistrationName registration,
            PortalUser portalUser,
            long version,
            List<Account> accounts) {
        this(portalId, registration, portalUser, version, accounts, Optional.empty(), Optional.empty());
    }

    /** The account that acts where the caller named this one, or none. */
    public Resolution resolve(Optional<AccountName> named) {
        if (accounts.isEmpty()) {
            return new Resolution.NothingAssigned();
        }
        for (Account held : accounts) {
            if (named.isEmpty() ? held.isDefault() : held.account().equals(named.get())) {
                return new Resolution.Acting(held.account());
            }
        }
        return named.isPresent()
                ? new Resolution.NotAssigned(named.get(), available())
                : new Resolution.NoDefault(available());
    }

    private List<AccountName> available() {
        return accounts.stream().map(Account::account).toList();
    }

    /** Key on the topic. */
    public String key() {
        return key(portalId, registration, portalUser);
    }

    public static String key(PortalId portal, RegistrationName registration, PortalUser portalUser) {
        return portal + "/" + registration + "/" + portalUser;
    }
}
