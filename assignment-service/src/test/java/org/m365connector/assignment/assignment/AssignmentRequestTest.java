package org.m365connector.assignment.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.m365connector.assignment.assignment.AssignmentRequest.PrincipalRequest;
import org.m365connector.events.AccountName;
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
        var request = new AssignmentRequest(new PrincipalRequest(kind, id), List.of("service"), null);

        assertThat(slug(request::toPrincipal)).isEqualTo("principal-invalid");
    }

    @ParameterizedTest
    @CsvSource({"user,0A1B", "group,Sales Europe", "role,Editor", "default,''", "default,"})
    void principalIsReadAsItWasMeant(String kind, String id) {
        var request = new AssignmentRequest(new PrincipalRequest(kind, id), List.of("service"), null);

        assertThat(request.toPrincipal()).hasToString((kind + " " + (id == null ? "" : id)).strip());
    }

    @Test
    void missingPrincipalIsRefused() {
        assertThat(slug(() -> request(List.of("service"), null).toPrincipal())).isEqualTo("principal-invalid");
    }

    private static AssignmentRequest request(List<String> accounts, String defaultAccount) {
        return new AssignmentRequest(null, accounts, defaultAccount);
    }

    private static String slug(ThrowingCallable call) {
        return catchThrowableOfType(ProblemException.class, call).type().slug();
    }
}
