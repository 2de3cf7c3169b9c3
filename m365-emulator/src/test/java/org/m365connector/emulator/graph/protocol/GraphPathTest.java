package org.m365connector.emulator.graph.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GraphPathTest {

    @Test
    void keysStandInBracketsOrAsSegments() {
        assertThat(GraphPath.segments("/users('ada@contoso.example')/mailFolders('inbox')/messages/delta()"))
                .containsExactly("users", "ada@contoso.example", "mailFolders", "inbox", "messages", "delta");
        assertThat(GraphPath.segments("/users(%27a%27%27b%27)/microsoft.graph.sendMail"))
                .containsExactly("users", "a'b", "sendMail");
    }

    @Test
    void idsAreDecodedOnceAndKeepTheirCase() {
        assertThat(GraphPath.segments("/teams/T/channels/19%3Aab%40thread.tacv2/messages/1"))
                .containsExactly("teams", "T", "channels", "19:ab@thread.tacv2", "messages", "1");
        assertThat(GraphPath.segments("/me/messages/AAMkA+b%2Fc%2525%3D"))
                .containsExactly("me", "messages", "AAMkA+b/c%25=");
    }
}
