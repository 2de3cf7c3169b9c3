package org.m365connector.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

class PackedAssignmentsTest {
    private final PackedAssignments packing = new PackedAssignments();

    @Test
    void whatComesOutIsWhatWentIn() {
        var record = record("a:b", AccountName.CURRENT_USER, AccountName.SERVICE);

        assertThat(packing.unpack(record.key(), 7, packing.pack(record.key(), record)))
                .isEqualTo(record);
    }

    @Test
    void equalAccountsAreKeptOnce() {
        var ada = record("ADA", AccountName.CURRENT_USER);
        var ben = record("BEN", AccountName.CURRENT_USER);

        assertThat(packing.pack(ada.key(), ada)).isSameAs(packing.pack(ben.key(), ben));
    }

    @Test
    void recordUnderAForeignKeyStaysWhatItSays() {
        var record = record("ADA", AccountName.SERVICE);

        assertThat(packing.unpack("demo/Main/BEN", 7, packing.pack("demo/Main/BEN", record)))
                .isEqualTo(record);
    }

    private static AssignmentsRecord record(String user, AccountName... accounts) {
        return new AssignmentsRecord(
                new PortalId("demo"),
                new RegistrationName("Main"),
                new PortalUser(user),
                7,
                List.of(accounts).stream()
                        .map(name -> new AssignmentsRecord.Account(name, name.equals(accounts[0])))
                        .toList());
    }
}
