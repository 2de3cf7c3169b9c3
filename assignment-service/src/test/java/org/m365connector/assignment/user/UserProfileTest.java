package org.m365connector.assignment.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserProfileTest {
    @Test
    void whatIsEmptyOrRepeatedIsLeftOut() {
        var fields = new HashMap<String, String>();
        fields.put("emailBiz", "ada@contoso.example");
        fields.put("phone", null);

        var profile = new UserProfile(fields, Arrays.asList("Sales", null, "Sales", " ", "Board"), null);

        assertThat(profile.fields()).isEqualTo(Map.of("emailBiz", "ada@contoso.example"));
        assertThat(profile.groups()).containsExactly("Board", "Sales");
        assertThat(profile.roles()).isEmpty();
    }

    @Test
    void whatTheDatabaseCannotStoreIsRefusedAtTheDoor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserProfile(Map.of("emailBiz", "ada\0"), List.of(), List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new UserProfile(Map.of(), List.of("Sa\0les"), List.of()));
    }
}
