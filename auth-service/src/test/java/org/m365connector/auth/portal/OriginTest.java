package org.m365connector.auth.portal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OriginTest {

    @Test
    void theOriginOfAUrlIsSchemeHostAndUnusualPort() {
        assertThat(Origin.of("https://Portal.example/a/b?c#d")).contains("https://portal.example");
        assertThat(Origin.of("https://portal.example:443/")).contains("https://portal.example");
        assertThat(Origin.of("http://portal.example:8085")).contains("http://portal.example:8085");
    }

    @Test
    void whatABrowserMustNotBeSentToHasNoOrigin() {
        for (String wrong : new String[] {
            "javascript:alert(1)",
            "//evil.example/",
            "https://portal.example@evil.example/",
            "https:evil.example",
            "ftp://portal.example/",
            "/relative",
            "https://portal.example\\@evil.example/",
            "https://",
            ""
        }) {
            assertThat(Origin.of(wrong)).as(wrong).isEmpty();
        }
    }
}
