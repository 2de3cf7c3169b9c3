package org.m365connector.capability;

import java.util.Optional;
import org.m365connector.events.AccountType;
import org.m365connector.events.LoginMode;

/** The three kinds of login whose permissions Graph documents side by side. */
public enum LoginKind {
    /** A person, or an impersonal user, with a work or school account. */
    DELEGATED_WORK,
    /** A person with a personal Microsoft account. */
    DELEGATED_PERSONAL,
    /** The app itself. */
    APP_ONLY;

    /** @param type of the account that has signed in; empty where nobody has yet, and then it is taken for a work account */
    public static LoginKind of(LoginMode mode, Optional<AccountType> type) {
        if (mode == LoginMode.SERVICE) {
            return APP_ONLY;
        }
        return type.filter(AccountType.PERSONAL::equals).isPresent() ? DELEGATED_PERSONAL : DELEGATED_WORK;
    }
}
