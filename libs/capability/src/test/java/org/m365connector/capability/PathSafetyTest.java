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

    /** As Microsoft's clients write what the documentation tells to give them as an item's id. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1.0/drives/b!x/items/root%3A%2Fname.bin%3A/createUploadSession",
                "/v1.0/drives/b%21x/items/root%3a%2fa%20b%2fc.tar..gz%3a/content",
                "/v1.0/me/drive/items/root%3A%2Fname.bin",
                "/v1.0/users('ada')/drive/items/01ABC!107%3A%2F100%25.txt:/children",
                "/graph/demo/Main/as/ADA/v1.0/sites/s/drives/d/items/root:%2Fx%3A",
                "/me/drives('d')/items/01ABC%21107%3A%2Fx%3A/content",
            })
    void pathOfAFileMayStandForItsId(String path) {
        assertThat(PathSafety.objectionToPath(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Not where an item's id stands.
                "/v1.0/drives/root%3A%2Fx%3A/items/1",
                "/v1.0/users/root%3A%2Fx%3A/messages",
                "/v1.0/sites/s/lists/l/items/root%3A%2Fx%3A/fields",
                "/v1.0/items/root%3A%2Fx%3A",
                "/v1.0/me/drive/root%3A%2Fx%3A/content",
                "/v1.0/me/drive%2Fitems/root%3A%2Fx%3A/content",
                "/v1.0/drives/a%2Fb/items/root%3A%2Fx%3A/content",
                "/v1.0/me/drive/items/x/root%3A%2Fx%3A",
                // Not a path from the root or an item.
                "/v1.0/me/drive/items/a%2Fb",
                "/v1.0/me/drive/items/%2Fx%3A/content",
                "/v1.0/me/drive/items/%3A%2Fx%3A/content",
                "/v1.0/me/drive/items/..%3A%2Fx%3A/content",
                "/v1.0/me/drive/items/%2e%2e%3A%2Fx%3A/content",
                "/v1.0/me/drive/items/a%2Froot%3A%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%3A%2Fx%3A/content",
                // One reads on where another does not.
                "/v1.0/me/drive/items/root%3A%2Fx/content",
                "/v1.0/me/drive/items/root%3A%2Fx%3A%2Fcontent",
                "/v1.0/me/drive/items/root%3A%2Fx%3A%2Fpermissions%2Fy%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fx:y%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fx%3A%3A/content",
                "/v1.0/me/drive/items/root%3A%2F%3A/content",
                // What is never safe.
                "/v1.0/me/drive/items/root%3A%2F..%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%2F%2e%2E%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%2F..%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%2F..;v=1%3A/content",
                "/v1.0/me/drive/items/root%3A%2F%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%2F%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%5Cx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%252Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%25%32%46x%3A/content",
                "/v1.0/me/drive/items/root%3A%252Fx%3A/content",
                "/v1.0/me/drive/items/root%253A%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%00%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%0d%0ax%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%%2Fx%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fa%2%3A/content",
                // Safe itself, and followed by what is not.
                "/v1.0/me/drive/items/root%3A%2Fx%3A/../messages",
                "/v1.0/me/drive/items/root%3A%2Fx%3A//messages",
                "/v1.0/me/drive/items/root%3A%2Fx%3A/a%2Fb",
            })
    void everyOtherEncodedSlashIsRefused(String path) {
        assertThat(PathSafety.objectionToPath(path)).isPresent();
    }

    @Test
    void queryIsCheckedFromWhereItBegins() {
        assertThat(PathSafety.objectionToQuery("/# ?$filter=a%20eq%20'B'&x={}|^`<>\"", 4))
                .isEmpty();
        assertThat(PathSafety.objectionToQuery("/me?x=#y", 4)).contains("character");
        assertThat(PathSafety.objectionToQuery("x=\u00e9", 0)).contains("character");
    }
}
