package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;

/** What one may use, and which of it acts where none is named. */
public record Accounts(
        @JsonProperty("accounts") List<AccountName> names,
        @JsonProperty("default") AccountName preferred) {
    public static final Accounts OWN = new Accounts(List.of(AccountName.CURRENT_USER), AccountName.CURRENT_USER);

    /** What the administrator of a registration begins with. */
    static final Accounts OWN_AND_SERVICE =
            new Accounts(List.of(AccountName.CURRENT_USER, AccountName.SERVICE), AccountName.CURRENT_USER);

    public Accounts {
        names = List.copyOf(names);
        if (!names.contains(preferred)) {
            throw new IllegalArgumentException("the default is not among the accounts");
        }
    }

    List<AssignmentsRecord.Account> forRecord() {
        return names.stream()
                .map(name -> new AssignmentsRecord.Account(name, name.equals(preferred)))
                .toList();
    }
}
