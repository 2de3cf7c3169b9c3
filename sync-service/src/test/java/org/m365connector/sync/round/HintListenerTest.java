package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HintListenerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Users/c1a7/Messages/AAkALgA_b=",
                "Users('c1a7')/messages('AAkALgA_b=')",
                "users/c1a7@7e0ad5c1/messages/AAkALgA_b=",
                "/users/c1a7/messages/AAkALgA_b="
            })
    void mailOfANotificationIsNamedInEveryFormThatGraphUses(String resource) {
        assertThat(HintListener.mail(resource)).contains("AAkALgA_b=");
    }

    @Test
    void whatIsNoMailNamesNone() {
        assertThat(HintListener.mail("Users/c1a7/Events/AAMk")).isEmpty();
        assertThat(HintListener.mail("Users/c1a7/Contacts/AAMk")).isEmpty();
        assertThat(HintListener.mail("chats('19:a')/messages('1612289765949')")).isEmpty();
        assertThat(HintListener.mail("teams('t')/channels('19:c')/messages('16')"))
                .isEmpty();
        assertThat(HintListener.mail("/users/c1a7/drive/root")).isEmpty();
    }
}
