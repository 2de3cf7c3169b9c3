package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.m365connector.events.AccountName;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Narrowing;

/** Narrowing of accounts as the database keeps it: an object whose members are the names of the accounts. */
final class NarrowingJson {
    private NarrowingJson() {}

    static String write(Map<AccountName, Narrowing> narrowing) {
        var byName = new TreeMap<String, Narrowing>();
        narrowing.forEach((account, narrowed) -> byName.put(account.value(), narrowed));
        return new String(EventCodec.bytes(byName), StandardCharsets.UTF_8);
    }

    static Map<AccountName, Narrowing> read(String json) {
        if (json.equals("{}")) {
            return Map.of();
        }
        try {
            Map<String, Narrowing> byName = EventCodec.json().readValue(json, new TypeReference<>() {});
            var narrowing = new TreeMap<AccountName, Narrowing>();
            byName.forEach((name, narrowed) -> narrowing.put(new AccountName(name), narrowed));
            return narrowing;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("narrowing of an assignment cannot be read", e);
        }
    }
}
