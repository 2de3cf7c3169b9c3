package org.m365connector.assignment.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemException;

class ImportTest {
    @Test
    void whatIsWrongIsNotTaken() {
        assertThat(slug(() -> users(user("ADA"), user("ADA")).checkedUsers())).isEqualTo("invalid-request");
        assertThat(slug(() -> users(user("with space")).checkedUsers())).isEqualTo("invalid-request");
        assertThat(slug(() -> users(user(null)).checkedUsers())).isEqualTo("invalid-request");
        assertThat(slug(() -> users(user("default")).checkedUsers())).isEqualTo("portal-user-reserved");
        assertThat(slug(() -> users(new Import.ToldUser[] {null}).checkedUsers()))
                .isEqualTo("invalid-request");
        assertThat(slug(() -> new Import(
                                List.of(new Import.ToldGroup(" ", Optional.empty(), Optional.empty(), null, null)),
                                null,
                                null,
                                null)
                        .checkedGroups()))
                .isEqualTo("invalid-request");
    }

    @Test
    void usersComeInTheOrderOfTheirIds() {
        assertThat(users(user("B"), user("A")).checkedUsers().keySet())
                .extracting(Object::toString)
                .containsExactly("A", "B");
    }

    private static Import users(Import.ToldUser... users) {
        return new Import(null, null, Arrays.asList(users), null);
    }

    private static Import.ToldUser user(String id) {
        return new Import.ToldUser(id, Map.of(), null, null, null);
    }

    private static String slug(ThrowingCallable call) {
        return catchThrowableOfType(ProblemException.class, call).type().slug();
    }
}
