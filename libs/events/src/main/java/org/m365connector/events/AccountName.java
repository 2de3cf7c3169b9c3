package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** How a portal names the account that a call runs as: {@code current-user}, {@code service} or the name of a static account. */
public record AccountName(@JsonValue String value) implements Comparable<AccountName> {

    private static final Shape SHAPE = Shape.of(
            "[a-zA-Z0-9._-]{1,64}", 64, Shape.range('a', 'z') + Shape.range('A', 'Z') + Shape.range('0', '9') + "._-");

    /** @throws IllegalArgumentException where the text does not have the shape */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public AccountName {
        if (!SHAPE.fits(value)) {
            throw new IllegalArgumentException("not an account's name (" + SHAPE.pattern() + ")");
        }
    }

    /** The portal user's own Microsoft 365 account. */
    public static final AccountName CURRENT_USER = new AccountName("current-user");

    /** The app itself, with application permissions. */
    public static final AccountName SERVICE = new AccountName("service");

    /** The account that this name means for that portal user. */
    public AccountId resolve(PortalUser portalUser) {
        return switch (loginMode()) {
            case BROWSER -> AccountId.ofUser(portalUser);
            case STATIC -> AccountId.ofStatic(this);
            case SERVICE -> AccountId.SERVICE;
        };
    }

    public LoginMode loginMode() {
        if (equals(CURRENT_USER)) {
            return LoginMode.BROWSER;
        }
        return equals(SERVICE) ? LoginMode.SERVICE : LoginMode.STATIC;
    }

    @Override
    public int compareTo(AccountName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
