package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;

/**
 * An account of a registration, resolved: {@code service}, {@code static:<name>} or {@code user:<portal user>}.
 * Ids are case-sensitive.
 */
public record AccountId(@JsonValue String value) {

    /** The app itself. */
    public static final AccountId SERVICE = new AccountId("service");

    private static final String STATIC_PREFIX = "static:";
    private static final String USER_PREFIX = "user:";

    /** @throws IllegalArgumentException where the text is none of the three shapes */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public AccountId {
        if (value == null) {
            throw new IllegalArgumentException("not an account id");
        }
        if (value.startsWith(STATIC_PREFIX)) {
            AccountName name = new AccountName(value.substring(STATIC_PREFIX.length()));
            if (name.loginMode() != LoginMode.STATIC) {
                throw new IllegalArgumentException("not the name of a static account");
            }
        } else if (value.startsWith(USER_PREFIX)) {
            new PortalUser(value.substring(USER_PREFIX.length()));
        } else if (!value.equals("service")) {
            throw new IllegalArgumentException("not an account id (service, static:<name>, user:<portal user>)");
        }
    }

    public static AccountId ofStatic(AccountName name) {
        return new AccountId(STATIC_PREFIX + name);
    }

    public static AccountId ofUser(PortalUser user) {
        return new AccountId(USER_PREFIX + user);
    }

    public LoginMode loginMode() {
        if (value.startsWith(USER_PREFIX)) {
            return LoginMode.BROWSER;
        }
        return value.startsWith(STATIC_PREFIX) ? LoginMode.STATIC : LoginMode.SERVICE;
    }

    /** The name that a portal uses for this account. */
    public AccountName name() {
        return switch (loginMode()) {
            case BROWSER -> AccountName.CURRENT_USER;
            case STATIC -> new AccountName(value.substring(STATIC_PREFIX.length()));
            case SERVICE -> AccountName.SERVICE;
        };
    }

    /** The portal user whose own account this is; empty for static accounts and the service account. */
    public Optional<PortalUser> portalUser() {
        return value.startsWith(USER_PREFIX)
                ? Optional.of(new PortalUser(value.substring(USER_PREFIX.length())))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
