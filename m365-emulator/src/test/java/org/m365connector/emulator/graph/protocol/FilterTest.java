package org.m365connector.emulator.graph.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {

    private static JsonNode mail() {
        try {
            return Json.MAPPER.readTree("{\"subject\":\"It's done\",\"isRead\":false,\"size\":12,\"flag\":null,"
                    + "\"receivedDateTime\":\"2026-11-22T10:00:00Z\","
                    + "\"from\":{\"emailAddress\":{\"address\":\"Ada@contoso.example\"}},"
                    + "\"mentions\":[{\"mentioned\":{\"user\":{\"id\":\"9a6eb4d1\"}}}],"
                    + "\"singleValueExtendedProperties\":[{\"id\":\"String {66F5A359-4659-4830-9070-00047EC6AC6E} Name A\","
                    + "\"value\":\"1\"}]}");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "isRead eq false",
                "subject eq 'It''s done'",
                "startswith(subject,'it') and not endswith(subject,'x')",
                "contains(subject, 'DONE')",
                "receivedDateTime ge 2026-11-22T11:00:00+01:00 and receivedDateTime lt 2026-11-23",
                "(isRead eq true or size gt 11) and flag eq null",
                "from/emailAddress/address eq 'ada@contoso.example'",
                "mentions/any(u: u/mentioned/user/id eq '9a6eb4d1')",
                "singleValueExtendedProperties/Any(ep: ep/id eq 'String {66f5a359-4659-4830-9070-00047ec6ac6e} Name A'"
                        + " and ep/value eq '1')",
                "subject in ('x', 'it''s done')",
                "subject ne 'x'"
            })
    void holds(String filter) {
        assertThat(Filter.parse(filter).matches(mail())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "isRead eq true",
                "receivedDateTime gt 2026-11-22T10:00:00Z",
                "mentions/any(u: u/mentioned/user/id eq 'other')",
                "singleValueExtendedProperties/any(ep: ep/value eq '2')",
                "flag ne null",
                "not (isRead eq false)"
            })
    void doesNotHold(String filter) {
        assertThat(Filter.parse(filter).matches(mail())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "isRead", "isRead eq", "isRead is true", "(isRead eq true", "subject eq 'x", "a eq b c"})
    void isRefused(String filter) {
        assertThatThrownBy(() -> Filter.parse(filter))
                .isInstanceOfSatisfying(
                        GraphError.class, error -> assertThat(error.status()).isEqualTo(400));
    }

    @Test
    void namesThePropertiesItAsksForInOrder() {
        assertThat(Filter.parse("receivedDateTime ge 2026-01-01 and mentions/any(u: u/x eq 1) and isRead eq true")
                        .properties())
                .containsExactly("receivedDateTime", "mentions", "isRead");
    }
}
