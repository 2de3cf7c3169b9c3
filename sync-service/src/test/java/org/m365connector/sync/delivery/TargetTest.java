package org.m365connector.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://portal.example/api",
                "http://169.254.169.254/latest",
                "http://localhost.evil.example/",
                "https://user:word@portal.example/",
                "https://portal.example/#part",
                "https:///api",
                "//portal.example/api",
                "file:///etc/passwd",
                "ftp://portal.example/",
                "https://portal.example:99999999999/",
                "not a url",
                ""
            })
    void isNoTarget(String url) {
        assertThatThrownBy(() -> Target.of(url)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void liesInAnOriginWithWhateverPathAndSpelling() {
        List<String> origins = List.of("https://portal.example", "http://localhost:4711");

        assertThat(Target.of("https://PORTAL.example:443/api/app?x=y").liesIn(origins))
                .isTrue();
        assertThat(Target.of("http://localhost:4711/in").liesIn(origins)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://portal.example:8443/",
                "https://portal.example.evil.example/",
                "https://evil.example/portal.example",
                "https://portal.example@evil.example.",
                "http://localhost:4712/",
                "http://127.0.0.1:4711/"
            })
    void liesElsewhere(String url) {
        assertThat(lies(url)).isFalse();
    }

    private static boolean lies(String url) {
        try {
            return Target.of(url)
                    .liesIn(List.of("https://portal.example", "http://localhost:4711", "no origin", "x:y"));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void keyIsNotPrinted() {
        assertThat(new DeliveryRequest(Optional.of("https://portal.example"), Optional.of("secret-key"), List.of())
                        .toString())
                .doesNotContain("secret-key");
    }
}
