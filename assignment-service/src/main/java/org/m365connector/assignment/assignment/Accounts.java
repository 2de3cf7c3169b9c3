package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Narrowing;

/**
 * What one may use, and which of it acts where none is named.
 *
 * @param narrowing what is left of an account's power; one without an entry has all of it
 */
public record Accounts(
        @JsonProperty("accounts") List<AccountName> names,
        @JsonProperty("default") AccountName preferred,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<AccountName, Narrowing> narrowing) {
    public static final Accounts OWN = new Accounts(List.of(AccountName.CURRENT_USER), AccountName.CURRENT_USER);

    /** What the administrator of a registration begins with: of the app, his own mailbox until somebody widens it. */
    static final Accounts OWN_AND_SERVICE = new Accounts(
            List.of(AccountName.CURRENT_USER, AccountName.SERVICE),
            AccountName.CURRENT_USER,
            Map.of(AccountName.SERVICE, Narrowing.OWN_MAILBOX));

    public Accounts {
        names = List.copyOf(names);
        if (!names.contains(preferred)) {
            throw new IllegalArgumentException("the default is not among the accounts");
        }
        if (!names.containsAll(narrowing.keySet())) {
            throw new IllegalArgumentException("an account is narrowed that is not among the accounts");
        }
        narrowing = java.util.Collections.unmodifiableMap(new TreeMap<>(narrowing));
    }

    public Accounts(List<AccountName> names, AccountName preferred) {
        this(names, preferred, Map.of());
    }

    /** The same accounts, each narrowed as it was among those. */
    Accounts narrowedAs(Accounts before) {
        var kept = new TreeMap<>(before.narrowing());
        kept.keySet().retainAll(names);
        return new Accounts(names, preferred, kept);
    }

    /** What is left of it when these have ended; empty where its default has, for no other must act in its place unasked. */
    Optional<Accounts> without(Set<AccountName> ended) {
        if (names.stream().noneMatch(ended::contains)) {
            return Optional.of(this);
        }
        if (ended.contains(preferred)) {
            return Optional.empty();
        }
        var left = names.stream().filter(name -> !ended.contains(name)).toList();
        return Optional.of(new Accounts(left, preferred).narrowedAs(this));
    }

    /**
     * As a record says it.
     *
     * @param toldUpn user principal name of whom it is for, as the portal tells it
     */
    public List<AssignmentsRecord.Account> forRecord(Optional<String> toldUpn) {
        return names.stream()
                .map(name -> new AssignmentsRecord.Account(
                        name,
                        name.equals(preferred),
                        Optional.ofNullable(narrowing.get(name)).map(narrowed -> told(narrowed, toldUpn))))
                .toList();
    }

    private static Narrowing told(Narrowing narrowed, Optional<String> toldUpn) {
        return narrowed.meansOwnMailbox() ? toldUpn.map(narrowed::withToldUpn).orElse(narrowed) : narrowed;
    }
}
