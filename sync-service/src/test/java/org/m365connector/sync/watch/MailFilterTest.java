package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.m365connector.events.EventCodec;

class MailFilterTest {
    private static final JsonNode MAIL = json("{'subject':'Invoice 17','from':'Ada@Contoso.example',"
            + "'to':['ben@contoso.example','team@fabrikam.example'],'isRead':false,'hasAttachments':true}");

    private static JsonNode json(String text) {
        try {
            return EventCodec.json().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {}                                                     | true
            {'from':'ada@contoso.example'}                         | true
            {'from':'ada'}                                         | false
            {'from':'@contoso.example'}                            | true
            {'from':'@example'}                                    | false
            {'to':'TEAM@fabrikam.example'}                         | true
            {'to':'@nowhere.example'}                              | false
            {'subject':'invoice'}                                  | true
            {'subject':'reminder'}                                 | false
            {'attachments':true}                                   | true
            {'attachments':false}                                  | false
            {'unread':true}                                        | true
            {'unread':false}                                       | false
            {'unread':true,'from':'@contoso.example','subject':'x'} | false
            """)
    void allThatIsGivenMustHold(String filter, boolean matches) {
        assertThat(MailFilter.of(json(filter)).matches(MAIL)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'form':'ada@contoso.example'} | from, to, subject
            {'unread':'yes'}               | filter.unread
            {'subject':' '}                | filter.subject
            {'from':null}                  | filter.from
            ['from']                       | no object
            """)
    void whatIsNoFilterIsRefused(String filter, String reason) {
        assertThatThrownBy(() -> MailFilter.of(json(filter)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatTheMailDoesNotSayDoesNotMatch() {
        JsonNode bare = json("{'id':'1'}");

        assertThat(MailFilter.of(json("{'unread':true}")).matches(bare)).isFalse();
        assertThat(MailFilter.of(json("{'from':'@contoso.example'}")).matches(bare))
                .isFalse();
    }
}
