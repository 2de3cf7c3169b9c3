package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

class ContainerReaderTest {

    private static Optional<String> answered(int status, String code) {
        return ContainerReader.ifThere(() -> {
            throw new GraphException(new GraphFailure.Refused(status, code, "text", Optional.empty()));
        });
    }

    @Test
    void whatGraphDoesNotFindIsNotThere() {
        assertThat(ContainerReader.ifThere(() -> "there")).contains("there");
        assertThat(answered(404, "ErrorItemNotFound")).isEmpty();
        assertThat(answered(404, "itemNotFound")).isEmpty();
        assertThat(answered(404, "NotFound")).isEmpty();
    }

    @Test
    void anyOtherAnswerSaysNothingOfIt() {
        for (String code :
                new String[] {"", "UnknownError", "generalException", "MailboxNotEnabledForRESTAPI", "ErrorInvalidUser"
                }) {
            assertThatThrownBy(() -> answered(404, code)).as(code).isInstanceOf(GraphException.class);
        }
        assertThatThrownBy(() -> answered(403, "ErrorAccessDenied")).isInstanceOf(GraphException.class);
        assertThatThrownBy(() -> answered(503, "")).isInstanceOf(GraphException.class);
    }
}
