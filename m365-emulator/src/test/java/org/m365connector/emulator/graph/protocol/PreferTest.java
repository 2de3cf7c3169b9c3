package org.m365connector.emulator.graph.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PreferTest {

    @Test
    void severalPreferencesStandInOneHeaderOrInMany() {
        for (List<String> headers : List.of(
                List.of("odata.maxpagesize=5, IdType=\"ImmutableId\", outlook.body-content-type=\"text\""),
                List.of("odata.maxpagesize=5", "IdType=\"ImmutableId\"", "outlook.body-content-type=text"))) {
            Prefer prefer = new Prefer(headers);

            assertThat(prefer.maxPageSize()).contains(5);
            assertThat(prefer.immutableIds()).isTrue();
            assertThat(prefer.textBodies()).isTrue();
            assertThat(prefer.applied())
                    .contains("odata.maxpagesize=5, IdType=\"ImmutableId\", outlook.body-content-type=\"text\"");
        }
    }

    @Test
    void onlyWhatWasHonouredIsEchoed() {
        Prefer prefer = new Prefer(List.of("IdType=\"ImmutableId\", respond-async, odata.maxpagesize=none"));

        assertThat(prefer.maxPageSize()).isEmpty();
        assertThat(prefer.applied()).isEmpty();
    }
}
