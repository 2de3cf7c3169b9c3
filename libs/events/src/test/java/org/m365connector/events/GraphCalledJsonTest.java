package org.m365connector.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GraphCalledJsonTest {

    /** Asks the record itself, as for any other event. */
    private static final ObjectMapper PLAIN = EventCodec.json()
            .copy()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Object findSerializer(Annotated annotated) {
                    return annotated.getRawType() == GraphCalled.class ? null : super.findSerializer(annotated);
                }
            });

    static Stream<GraphCalled> calls() {
        PortalId demo = new PortalId("demo");
        RegistrationName main = new RegistrationName("Main");
        PortalUser ben = new PortalUser("0B0000000000000000000000000000000000000B");
        return Stream.of(
                new GraphCalled(
                        demo,
                        main,
                        Optional.of(ben),
                        Optional.of(AccountId.ofUser(ben)),
                        Optional.of(1L << 40),
                        Optional.of(new DecidingRule(DecidingRule.Kind.GROUP, Optional.of("sales"))),
                        "POST /$batch",
                        List.of("GET /me/messages/{id}", "POST /me/sendmail"),
                        "answered",
                        "2xx",
                        200,
                        1L << 41,
                        1L << 42,
                        84,
                        Optional.of("of \"Graph\"\n"),
                        Optional.of("Grüße")),
                new GraphCalled(
                        demo,
                        main,
                        Optional.empty(),
                        Optional.of(AccountId.SERVICE),
                        Optional.empty(),
                        Optional.of(new DecidingRule(DecidingRule.Kind.DEFAULT, Optional.empty())),
                        "GET {unreadable}",
                        List.of(),
                        "refused",
                        "path-not-allowed",
                        403,
                        0,
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void isWrittenAsAnyOtherEventWouldBe(GraphCalled call) throws Exception {
        assertThat(new String(EventCodec.bytes(call), UTF_8)).isEqualTo(PLAIN.writeValueAsString(call));
    }
}
