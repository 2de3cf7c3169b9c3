package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class NamedItemTest {

    private static NamedItem only(String id) {
        return new NamedItem(id, Optional.empty());
    }

    @Test
    void thingIsNamedInAllOfGraphsForms() {
        assertThat(NamedItem.of("Users/a-b/Messages/AAk=")).contains(only("AAk="));
        assertThat(NamedItem.of("/Users('a')/messages('AAk-_')")).contains(only("AAk-_"));
        assertThat(NamedItem.of("users/a@t/mailFolders('inbox')/messages/AAk")).contains(only("AAk"));
        assertThat(NamedItem.of("Users/a/Events/AAk")).contains(only("AAk"));
        assertThat(NamedItem.of("Users/a/calendars/c/events('AAk')")).contains(only("AAk"));
        assertThat(NamedItem.of("Users/a/Contacts/AAk")).contains(only("AAk"));
        assertThat(NamedItem.of("Users/a/contactFolders('f')/contacts('AAk')")).contains(only("AAk"));
        assertThat(NamedItem.of("teams('t')/channels('19:c@thread.tacv2')/messages('16')"))
                .contains(only("16"));
        assertThat(NamedItem.of("chats('19:c@thread.v2')/messages('16')")).contains(only("16"));
    }

    @Test
    void replyIsBelowWhatItAnswers() {
        assertThat(NamedItem.of("teams('t')/channels('c')/messages('16')/replies('17')"))
                .contains(new NamedItem("17", Optional.of("16/replies/17")));
        assertThat(NamedItem.of("teams/t/channels/c/messages/16/replies/17"))
                .contains(new NamedItem("17", Optional.of("16/replies/17")));
    }

    @Test
    void everythingElseNamesNothing() {
        assertThat(NamedItem.of("")).isEmpty();
        assertThat(NamedItem.of("me/drive/root")).isEmpty();
        assertThat(NamedItem.of("drives/b!x/root")).isEmpty();
        assertThat(NamedItem.of("teams('t')/channels('c')")).isEmpty();
        assertThat(NamedItem.of("users/a/messages")).isEmpty();
        assertThat(NamedItem.of("Users/a/Messages/AAk/attachments/b")).isEmpty();
        assertThat(NamedItem.of("Users/a/Messages/AAk?$select=id")).isEmpty();
    }
}
