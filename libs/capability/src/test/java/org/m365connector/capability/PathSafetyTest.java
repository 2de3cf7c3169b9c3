package org.m365connector.capability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathSafetyTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1.0",
                "/v1.0/me/",
                "/v1.0/me/drive/root:/a%20b/archive.tar..gz:/content",
                "/v1.0/me/drive/root:/100%25.txt:/content",
                "/v1.0/me/messages/AAMk=-_.~!$&'()*+,;:@/$value",
            })
    void whatGraphUsesIsSafe(String path) {
        assertThat(PathSafety.objectionToPath(path)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "//me, empty-segment",
        "/me//, empty-segment",
        "/a/../b, dot-segment",
        "/a/.., dot-segment",
        "/a/%2e%2E;x=1/b, dot-segment",
        "/me/drive/root:/a/..:/children, dot-segment",
        "/a%2fb, encoded-slash",
        "/a%5Cb, encoded-slash",
        "/a%252fb, encoded-twice",
        "/a%25%32%66b, encoded-twice",
        "/a/%25%32%65%25%32%65/b, encoded-twice",
        "/a/%252%65/b, encoded-twice",
        "/a%00, control-character",
        "/a%4, encoding",
        "/a\\b, character",
        "/a b, character",
        "/a#b, character",
    })
    void whatCouldBeReadOtherwiseIsNot(String path, String objection) {
        assertThat(PathSafety.objectionToPath(path)).contains(objection);
    }

    @Test
    void queryIsCheckedFromWhereItBegins() {
        assertThat(PathSafety.objectionToQuery("/# ?$filter=a%20eq%20'B'&x={}|^`<>\"", 4))
                .isEmpty();
        assertThat(PathSafety.objectionToQuery("/me?x=#y", 4)).contains("character");
        assertThat(PathSafety.objectionToQuery("x=\u00e9", 0)).contains("character");
    }
}
