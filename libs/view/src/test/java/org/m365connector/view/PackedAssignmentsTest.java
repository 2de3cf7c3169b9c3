package org.m365connector.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

class PackedAssignmentsTest {
    private static final String GUID = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";

    private final PackedAssignments packing = new PackedAssignments();

    @Test
    void whatComesOutIsWhatWentIn() {
        for (var user :
                List.of("a:b", GUID, "0123456789abcdef0123456789ABCDEF01234567", "F".repeat(40), "0".repeat(40))) {
            var record = record(user, AccountName.CURRENT_USER, AccountName.SERVICE);
            var slot = packing.pack(record.key(), 7, record);

            assertThat(slot.key()).isEqualTo(record.key());
            assertThat(slot.version()).isEqualTo(7);
            assertThat(packing.unpack(slot)).isEqualTo(record);
        }
    }

    @Test
    void whatIsPackedIsFoundByItsKeyAndByNoOther() {
        var keys = new HashSet<String>();
        for (var place : List.of("demo/Main/", "demo/Other/", "other/Main/")) {
            for (var user : List.of("ADA", GUID, GUID.replace('E', 'F'), GUID.replace('E', 'e'), GUID.substring(1))) {
                keys.add(place + user);
            }
        }
        var slots = new HashMap<String, Slot>();
        keys.forEach(key -> {
            var parts = key.split("/", -1);
            slots.put(
                    key,
                    packing.pack(
                            key,
                            7,
                            record(
                                    new PortalId(parts[0]),
                                    new RegistrationName(parts[1]),
                                    parts[2],
                                    AccountName.CURRENT_USER)));
        });

        keys.forEach(key -> slots.forEach((packed, slot) -> {
            assertThat(packing.probe(key).equals(slot)).isEqualTo(key.equals(packed));
            assertThat(slot.equals(packing.probe(key))).isEqualTo(key.equals(packed));
        }));
        keys.forEach(key -> assertThat(packing.probe(key)).hasSameHashCodeAs(slots.get(key)));
    }

    @Test
    void guidsOneAfterTheOtherDoNotMeet() {
        var hashes = new HashSet<Integer>();
        for (int i = 0; i < 100_000; i++) {
            var record = record(String.format(Locale.ROOT, "%040X", i), AccountName.CURRENT_USER);
            hashes.add(packing.pack(record.key(), 1, record).hashCode());
        }

        assertThat(hashes).hasSizeGreaterThan(99_900);
    }

    @Test
    void equalAccountsAreKeptOnce() {
        var ada = record(GUID, AccountName.CURRENT_USER);
        var ben = record("F".repeat(40), AccountName.CURRENT_USER);

        assertThat(((GuidSlot) packing.pack(ada.key(), 7, ada)).held())
                .isSameAs(((GuidSlot) packing.pack(ben.key(), 7, ben)).held());
    }

    @Test
    void ruleIsKeptAndKeepsEqualAccountsApart() {
        var own = byRule(GUID, new DecidingRule(DecidingRule.Kind.USER, Optional.empty()));
        var others = byRule("F".repeat(40), new DecidingRule(DecidingRule.Kind.USER, Optional.empty()));
        var byGroup = byRule(GUID, new DecidingRule(DecidingRule.Kind.GROUP, Optional.of("Sales")));

        assertThat(packing.unpack(packing.pack(own.key(), 7, own))).isEqualTo(own);
        assertThat(packing.unpack(packing.pack(byGroup.key(), 7, byGroup))).isEqualTo(byGroup);
        assertThat(((GuidSlot) packing.pack(own.key(), 7, own)).held())
                .isSameAs(((GuidSlot) packing.pack(others.key(), 7, others)).held());
    }

    private static AssignmentsRecord byRule(String user, DecidingRule rule) {
        var record = record(user, AccountName.CURRENT_USER);
        return new AssignmentsRecord(
                record.portalId(),
                record.registration(),
                record.portalUser(),
                record.version(),
                record.accounts(),
                Optional.empty(),
                Optional.of(rule));
    }

    @Test
    void recordUnderAForeignKeyStaysWhatItSays() {
        for (var key : List.of("demo/Main/BEN", "demo/Main/" + GUID, "a b/c/" + GUID, GUID, "/" + GUID)) {
            var record = record("ADA", AccountName.SERVICE);
            var slot = packing.pack(key, 7, record);

            assertThat(slot.key()).isEqualTo(key);
            assertThat(packing.unpack(slot)).isEqualTo(record);
            assertThat(packing.probe(key)).isEqualTo(slot);
        }
    }

    private static AssignmentsRecord record(String user, AccountName... accounts) {
        return record(new PortalId("demo"), new RegistrationName("Main"), user, accounts);
    }

    private static AssignmentsRecord record(
            PortalId portal, RegistrationName registration, String user, AccountName... accounts) {
        return new AssignmentsRecord(
                portal,
                registration,
                new PortalUser(user),
                7,
                List.of(accounts).stream()
                        .map(name -> new AssignmentsRecord.Account(name, name.equals(accounts[0])))
                        .toList());
    }
}
