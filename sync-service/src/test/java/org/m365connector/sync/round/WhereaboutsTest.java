package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.graph.GraphFailure;

class WhereaboutsTest {

    private static boolean notFound(int status, String code) {
        return Whereabouts.isNotFound(new GraphFailure.Refused(status, code, "text", Optional.empty()));
    }

    @Test
    void onlyGraphsOwnWordCounts() {
        assertThat(notFound(404, "ErrorItemNotFound")).isTrue();
        assertThat(notFound(404, "ErrorFolderNotFound")).isTrue();
        assertThat(notFound(404, "NotFound")).isTrue();
        assertThat(notFound(404, "itemNotFound")).isTrue();
        assertThat(notFound(404, "")).as("a gateway's").isFalse();
        assertThat(notFound(403, "ErrorAccessDenied")).isFalse();
        assertThat(notFound(410, "SyncStateNotFound")).isFalse();
        assertThat(notFound(503, "ErrorItemNotFound")).isFalse();
        assertThat(Whereabouts.isNotFound(
                        new GraphFailure.Problem("portal-user-unknown", 404, Map.of(), Optional.empty())))
                .isFalse();
        assertThat(Whereabouts.isNotFound(new GraphFailure.NoAnswer())).isFalse();
    }

    @Test
    void whatNobodySaysIsNeitherAWordOfGraphNorOfItsOwner() {
        for (String code : new String[] {"", "UnknownError", "generalException"}) {
            assertThat(Whereabouts.isNobodys(new GraphFailure.Refused(404, code, "text", Optional.empty())))
                    .as(code)
                    .isTrue();
        }
        for (String code : new String[] {"ErrorItemNotFound", "MailboxNotEnabledForRESTAPI"}) {
            assertThat(Whereabouts.isNobodys(new GraphFailure.Refused(404, code, "text", Optional.empty())))
                    .as(code)
                    .isFalse();
        }
        assertThat(Whereabouts.isNobodys(new GraphFailure.Refused(503, "", "text", Optional.empty())))
                .isFalse();
    }

    @Test
    void whatIsSaidOfItsOwnerSaysNothingOfIt() {
        assertThat(notFound(404, "MailboxNotEnabledForRESTAPI")).isFalse();
        assertThat(notFound(404, "ErrorInvalidUser")).isFalse();
        assertThat(notFound(404, "Request_ResourceNotFound")).isFalse();
    }
}
