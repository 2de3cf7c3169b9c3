package org.m365connector.auth.vault;

import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Every column of the database that the vault has sealed, and how the {@link Place} of a value is found. */
enum SealedColumn {
    CREDENTIAL("credential", "id", "sealed", Owner.REGISTRATION, "credential/"),
    ADMIN_CONSENT("admin_consent", "state_hash", "sealed", Owner.SERVICE_ACCOUNT, "admin-consent/"),
    REFRESH_TOKEN("account_token", "account_id", "refresh_token", Owner.ACCOUNT, "refresh-token"),
    PREVIOUS_REFRESH_TOKEN(
            "account_token", "account_id", "previous_refresh_token", Owner.ACCOUNT, "previous-refresh-token"),
    ACCESS_TOKEN("account_token", "account_id", "access_token", Owner.ACCOUNT, "access-token"),
    TICKET("ticket", "hash", "sealed", Owner.ACCOUNT, "ticket/"),
    LOGIN_VERIFIER("login_attempt", "state_hash", "verifier", Owner.ACCOUNT, "verifier/"),
    LOGIN_NONCE("login_attempt", "state_hash", "nonce", Owner.ACCOUNT, "nonce/"),
    DEVICE_CODE("device_login", "id", "sealed", Owner.ACCOUNT, "device-code/");

    /** Whose values the rows hold: what the owner of a place is called, and where its portal and registration stand. */
    private enum Owner {
        REGISTRATION("o.portal_id, o.name, '-'", "registration o on o.id = t.registration_id"),
        SERVICE_ACCOUNT("o.portal_id, o.name, 'service'", "registration o on o.id = t.registration_id"),
        ACCOUNT("o.portal_id, o.registration, o.account", "account o on o.id = t.account_id");

        private final String names;
        private final String join;

        Owner(String names, String join) {
            this.names = names;
            this.join = join;
        }
    }

    private final String table;
    private final String key;
    private final String column;
    private final Owner owner;
    private final String field;

    /** @param field of the place; with a slash at its end the row's key follows */
    SealedColumn(String table, String key, String column, Owner owner, String field) {
        this.table = table;
        this.key = key;
        this.column = column;
        this.owner = owner;
        this.field = field;
    }

    String qualifiedName() {
        return table + "." + column;
    }

    /** Stands before the key of every row. */
    Object beforeFirst() {
        return key.equals("account_id") ? (Object) Long.MIN_VALUE : "";
    }

    Place place(String portal, String registration, String ownerName, Object rowKey) {
        return new Place(
                new PortalId(portal),
                new RegistrationName(registration),
                ownerName,
                field.endsWith("/") ? field + rowKey : field);
    }

    /** Parameters: prefixes of keys, the row to begin behind, how many. Columns: row key, portal, registration, owner, value. */
    String selectSealedBy() {
        return "select t." + key + ", " + owner.names + ", t." + column + " from " + table + " t join " + owner.join
                + " where " + prefix("t." + column) + " = any(?) and t." + key + " > ? order by t." + key + " limit ?";
    }

    /** Parameters: new value, row key, old value. */
    String replace() {
        return "update " + table + " set " + column + " = ? where " + key + " = ? and " + column + " = ?";
    }

    /** Columns: prefix of the key, how many values. What was emptied is not counted. */
    String countByKey() {
        return "select " + prefix(column) + ", count(*) from " + table + " where octet_length(" + column
                + ") > 0 group by 1";
    }

    private static String prefix(String value) {
        return "substring(" + value + " from " + KeyId.PREFIX_FROM + " for " + KeyId.PREFIX_LENGTH + ")";
    }
}
