package org.m365connector.graphproxy.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.LoginMode;

/**
 * Who is who: Graph knows one person as {@code /me}, by user principal name and by object id. Learned from the accounts, and from
 * tokens where an account does not say. Whoever is not known is taken by the name that the call gives him.
 */
public final class People {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Object ids by tenant and user principal name. */
    private final Map<String, String> oidOfUpn = new ConcurrentHashMap<>();

    /** Object ids by the key of an account whose record has none. */
    private final Map<String, String> oidOfAccount = new ConcurrentHashMap<>();

    /** To be called with every record of {@code m365.accounts}. */
    public void heard(AccountRecord record) {
        record.oid().ifPresent(oid -> {
            oidOfAccount.remove(record.key());
            record.upn().ifPresent(upn -> learn(record.tid().orElse(""), upn, oid));
        });
    }

    /** The account has no record any more. */
    public void forgotten(String accountKey) {
        oidOfAccount.remove(accountKey);
    }

    /**
     * The person that acts.
     *
     * @param accessToken asked where the account's record does not say
     */
    public String acting(ActingAccount account, String accessToken) {
        if (account.id().loginMode() == LoginMode.SERVICE) {
            return account.id().value();
        }
        Optional<String> oid = account.state().flatMap(AccountRecord::oid);
        return oid.isPresent()
                ? oid.get().toLowerCase(Locale.ROOT)
                : oidOfAccount.computeIfAbsent(account.key(), key -> fromToken(key, accessToken));
    }

    /** @param named id or user principal name, in lower case */
    public String named(String tenant, String named) {
        return named.indexOf('@') < 0 ? named : oidOfUpn.getOrDefault(tenant + "/" + named, named);
    }

    private void learn(String tenant, String upn, String oid) {
        oidOfUpn.put(tenant + "/" + upn.toLowerCase(Locale.ROOT), oid.toLowerCase(Locale.ROOT));
    }

    /** Only to count calls by; who may what has been decided. A token that nobody but Microsoft can read says nothing. */
    private String fromToken(String accountKey, String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return accountKey;
        }
        try {
            JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
            String oid = claims.path("oid").asText("");
            String upn =
                    claims.path("upn").asText(claims.path("preferred_username").asText(""));
            if (!oid.isEmpty() && !upn.isEmpty()) {
                learn(claims.path("tid").asText(""), upn, oid);
            }
            return oid.isEmpty() ? accountKey : oid.toLowerCase(Locale.ROOT);
        } catch (IOException | IllegalArgumentException e) {
            return accountKey;
        }
    }
}
