package org.m365connector.capability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OperationTest {

    @Test
    void pathOfAFileMeansTheSameInOneSegmentAndInSeveral() {
        Operation written = Operation.of("POST", "/v1.0/drives/D/items/root:/Folder/A%20b.txt:/createUploadSession");

        assertThat(Operation.of("POST", "/v1.0/drives/D/items/root%3A%2FFolder%2FA%20b.txt%3A/createUploadSession"))
                .isEqualTo(written);
        assertThat(written.segments())
                .containsExactly("drives", "d", "items", "root:", "folder", "a b.txt:", "createuploadsession");
    }
}
