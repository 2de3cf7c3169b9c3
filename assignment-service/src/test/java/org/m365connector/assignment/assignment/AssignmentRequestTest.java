package org.m365connector.assignment.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.assignment.assignment.AssignmentRequest.PrincipalRequest;
import org.m365connector.events.AccountName;
import org.m365connector.events.Narrowing;
import org.m365connector.problem.ProblemException;

class AssignmentRequestTest {
    @Test
    void firstAccountIsTheDefaultWhereNoneIsNamed() {
        var accounts = request(List.of("portal-account", "current-user"), null).toAccounts();

        assertThat(accounts.preferred()).isEqualTo(new AccountName("portal-account"));
    }

    @Test
    void defaultMustBeAmongTheAccounts() {
        assertThat(slug(() -> request(List.of("current-user"), "service").toAccounts()))
                .isEqualTo("default-not-assigned");
    }

    @Test
    void accountsAreNamedOnceAndByValidNames() {
        assertThat(slug(() -> request(null, null).toAccounts())).isEqualTo("accounts-invalid");
        assertThat(slug(() -> request(List.of(), null).toAccounts())).isEqualTo("accounts-invalid");
        assertThat(slug(() -> request(List.of("service", "service"), null).toAccounts()))
                .isEqualTo("accounts-invalid");
        assertThat(slug(() -> request(List.of("no spaces"), null).toAccounts())).isEqualTo("accounts-invalid");
        assertThat(slug(() -> request(Collections.singletonList(null), null).toAccounts()))
                .isEqualTo("accounts-invalid");
        assertThat(slug(() -> request(List.of("service"), "no spaces").toAccounts()))
                .isEqualTo("accounts-invalid");
    }

    @ParameterizedTest
    @CsvSource({
        "user,",
        "user,''",
        "user,default",
        "user,with space",
        "group,",
        "group,' '",
        "role,''",
        "default,x",
        "team,x",
        ",x",
        "USER,x"
    })
    void whatIsNoPrincipalIsRefused(String kind, String id) {
        var request = new AssignmentRequest(new PrincipalRequest(kind, id), List.of("service"), null, null, null);

        assertThat(slug(request::toPrincipal)).isEqualTo("principal-invalid");
    }

    @ParameterizedTest
    @CsvSource({"user,0A1B", "group,Sales Europe", "role,Editor", "default,''", "default,"})
    void principalIsReadAsItWasMeant(String kind, String id) {
        var request = new AssignmentRequest(new PrincipalRequest(kind, id), List.of("service"), null, null, null);

        assertThat(request.toPrincipal()).hasToString((kind + " " + (id == null ? "" : id)).strip());
    }

    @Test
    void missingPrincipalIsRefused() {
        assertThat(slug(() -> request(List.of("service"), null).toPrincipal())).isEqualTo("principal-invalid");
    }

    @Test
    void appIsNarrowedAndWhatIsNotSaidStaysAsItIs() {
        var own = narrowed("service", new NarrowingRequest(null, "own", null, null, null));
        var operations = narrowed(
                "current-user",
                new NarrowingRequest(
                        List.of(new NarrowingRequest.OperationRequest("GET", "/me/messages/**", null)),
                        null,
                        null,
                        null,
                        null));

        assertThat(own.toAccounts().narrowing()).containsEntry(AccountName.SERVICE, Narrowing.OWN_MAILBOX);
        assertThat(operations.toAccounts().narrowing()).containsOnlyKeys(AccountName.CURRENT_USER);
        assertThat(own.leavesNarrowing()).isFalse();
        assertThat(request(List.of("service"), null).leavesNarrowing()).isTrue();
    }

    @Test
    void narrowingThatMeansNothingIsRefused() {
        for (var wrong : List.of(
                narrowed("service", new NarrowingRequest(null, null, null, null, null)),
                narrowed("team-bot", new NarrowingRequest(null, null, null, null, null)),
                narrowed("current-user", new NarrowingRequest(null, "own", null, null, null)),
                narrowed("current-user", new NarrowingRequest(null, null, List.of("t"), null, null)),
                narrowed("service", new NarrowingRequest(null, "everything", null, null, null)),
                narrowed("service", new NarrowingRequest(null, "a b@contoso.example", null, null, null)),
                narrowed("service", new NarrowingRequest(null, null, List.of(" "), null, null)),
                narrowed("service", new NarrowingRequest(null, null, null, Collections.singletonList(null), null)),
                narrowed("service", new NarrowingRequest(Collections.singletonList(null), null, null, null, null)),
                narrowed("service", operation("SEND", "/me")),
                narrowed("service", operation("GET", "me")),
                narrowed("service", operation("GET", "/me?x")),
                narrowed("service", operation(null, null)))) {
            assertThat(slug(wrong::toAccounts)).isEqualTo("narrowing-invalid");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"mailbx\":\"own\"}",
                "{\"mailbox\":\"own\",\"team\":[]}",
                "{\"operations\":[{\"method\":\"GET\",\"path\":\"/me\",\"paht\":\"/me\"}]}"
            })
    void misspeltNarrowingDoesNotGrantAll(String narrowing) throws IOException {
        // As the service reads a body: what it does not know is passed over elsewhere.
        var request = JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build()
                .readValue(
                        "{\"accounts\":[\"service\"],\"narrowing\":{\"service\":" + narrowing + "}}",
                        AssignmentRequest.class);

        assertThat(slug(request::toAccounts)).isEqualTo("narrowing-invalid");
    }

    private static NarrowingRequest operation(String method, String path) {
        return new NarrowingRequest(
                List.of(new NarrowingRequest.OperationRequest(method, path, null)), null, null, null, null);
    }

    private static AssignmentRequest narrowed(String account, NarrowingRequest narrowing) {
        return new AssignmentRequest(null, List.of("service", "current-user"), null, Map.of(account, narrowing), null);
    }

    private static AssignmentRequest request(List<String> accounts, String defaultAccount) {
        return new AssignmentRequest(null, accounts, defaultAccount, null, null);
    }

    private static String slug(ThrowingCallable call) {
        return catchThrowableOfType(ProblemException.class, call).type().slug();
    }
}
