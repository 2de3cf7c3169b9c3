package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.auth.entra.CredentialUnusable.Cause;

class TokenFilesTest {

    private static final String TOKEN = "aGVhZA.Ym9keQ.c2lnbg";

    @TempDir
    Path temp;

    private Path open;
    private TokenFiles files;

    @BeforeEach
    void directory() throws IOException {
        open = Files.createDirectory(temp.resolve("open"));
        files = new TokenFiles(Optional.of(open));
    }

    @Test
    void aTokenIsReadAnewEveryTimeAlsoWhereKubernetesLaysItDownAsALink() throws IOException {
        Path first = Files.createDirectory(open.resolve("..2026_01"));
        Files.writeString(first.resolve("token"), TOKEN + "\n");
        Path data = Files.createSymbolicLink(open.resolve("..data"), first);
        Path token = Files.createSymbolicLink(open.resolve("token"), Path.of("..data/token"));

        assertThat(files.allows(token.toString())).isTrue();
        assertThat(files.read(token.toString())).isEqualTo(TOKEN);

        Path second = Files.createDirectory(open.resolve("..2026_02"));
        Files.writeString(second.resolve("token"), TOKEN + "2");
        Files.delete(data);
        Files.createSymbolicLink(data, second);

        assertThat(files.read(token.toString())).isEqualTo(TOKEN + "2");
    }

    @Test
    void nothingOutsideOfTheDirectoryIsReadWhateverTheWay() throws IOException {
        Path outside = Files.writeString(temp.resolve("outside"), TOKEN);
        Path neighbour = Files.createDirectory(temp.resolve("open-too"));
        Files.writeString(neighbour.resolve("token"), TOKEN);
        Path leadsOut = Files.createSymbolicLink(open.resolve("leads-out"), outside);
        Path directoryLeadsOut = Files.createSymbolicLink(open.resolve("sub"), neighbour);

        for (String path : new String[] {
            outside.toString(),
            open + "/../outside",
            neighbour.resolve("token").toString(),
            leadsOut.toString(),
            directoryLeadsOut.resolve("token").toString(),
            open.toString(),
            "token",
            "",
            "/etc/passwd",
            open + "/a\0b"
        }) {
            assertThat(files.allows(path)).as(path).isFalse();
            refused(path, Cause.TOKEN_FILE_NOT_ALLOWED);
        }
    }

    @Test
    void withoutADirectoryNothingIsRead() throws IOException {
        Path token = Files.writeString(open.resolve("token"), TOKEN);
        files = new TokenFiles(Optional.empty());

        assertThat(files.allows(token.toString())).isFalse();
        refused(token.toString(), Cause.TOKEN_FILE_NOT_ALLOWED);
    }

    @Test
    void whatIsWrongWithTheFileIsTold() throws IOException {
        Path token = open.resolve("token");
        assertThat(files.allows(token.toString())).isTrue();
        refused(token.toString(), Cause.TOKEN_FILE_MISSING);
        refused(Files.createDirectory(open.resolve("directory")).toString(), Cause.TOKEN_FILE_MISSING);

        Files.writeString(token, " \n");
        refused(token.toString(), Cause.TOKEN_FILE_EMPTY);
        Files.writeString(token, "a.b." + "c".repeat(TokenFiles.LARGEST));
        refused(token.toString(), Cause.TOKEN_FILE_TOO_LARGE);
        Files.writeString(token, "user=postgres\npassword=secret");
        refused(token.toString(), Cause.TOKEN_FILE_NO_TOKEN);
    }

    private void refused(String path, Cause cause) {
        assertThatThrownBy(() -> files.read(path))
                .as(path)
                .isInstanceOfSatisfying(
                        CredentialUnusable.class, e -> assertThat(e.reason()).isEqualTo(cause));
    }
}
