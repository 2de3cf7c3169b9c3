package org.m365connector.assignment.assignment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.problem.ProblemException;

class ImportFormatTest implements ImportSink {
    private static final Charset WINDOWS = Charset.forName("windows-1252");

    private final List<String> rows = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    @Override
    public void row(ImportRow row) {
        rows.add(row.line() + ": " + row.principal() + " -> " + row.accounts().names() + " "
                + row.accounts().preferred()
                + (row.leavesNarrowing()
                        ? ""
                        : " " + NarrowingJson.write(row.accounts().narrowing())));
    }

    @Override
    public void refused(long line, String column, ProblemException why) {
        problems.add(line + " " + column + ": " + why.type().slug());
    }

    @ParameterizedTest
    @ValueSource(strings = {";", ",", "\t"})
    void columnsStandInAnyOrderAndSeparatorsAreFound(String separator) throws IOException {
        csv("accounts|Default|Kind|ID\n\nservice current-user|current-user|group|Sales\r\nservice||default|\n"
                .replace("|", separator));

        assertThat(rows)
                .containsExactly(
                        "3: group Sales -> [service, current-user] current-user", "4: default -> [service] service");
        assertThat(problems).isEmpty();
    }

    @Test
    void umlautsComeInEitherEncoding() throws IOException {
        var text = "kind;id;accounts\ngroup;Geschäftsführung;service\ngroup;€;service\n";

        csv("\uFEFF" + text);
        csv(text);
        read(ImportFormat.CSV, text.getBytes(WINDOWS));

        assertThat(rows)
                .hasSize(6)
                .filteredOn(row -> row.contains("Geschäftsführung") || row.contains("€"))
                .hasSize(6);
        assertThat(problems).isEmpty();
    }

    @Test
    void mixedEncodingsAreToldByLine() throws IOException {
        var mixed = new ArrayList<Byte>();
        for (var part : List.of(
                "kind;id;accounts\n".getBytes(UTF_8),
                "group;ä;service\n".getBytes(UTF_8),
                "group;ä;service\n".getBytes(WINDOWS))) {
            for (var octet : part) {
                mixed.add(octet);
            }
        }
        var bytes = new byte[mixed.size()];
        for (var i = 0; i < bytes.length; i++) {
            bytes[i] = mixed.get(i);
        }

        read(ImportFormat.CSV, bytes);

        assertThat(rows).hasSize(1);
        assertThat(problems).containsExactly("3 : import-not-readable");
    }

    @Test
    void mistakesAreToldByLineAndColumnAndTheRestIsReadOn() throws IOException {
        csv("""
                kind;id;accounts;default
                planet;Mars;service;
                group;Sales;;
                group;Sales;service;current-user
                user;not a user;service;
                default;X;service;
                group;"Sales;service;
                group;Sales;service
                group;"Sales; ""West\""";service;
                """);

        assertThat(problems)
                .containsExactly(
                        "2 kind, id: principal-invalid",
                        "3 accounts: accounts-invalid",
                        "4 default: default-not-assigned",
                        "5 kind, id: principal-invalid",
                        "6 kind, id: principal-invalid",
                        "7 : import-not-readable",
                        "8 : import-not-readable");
        assertThat(rows).containsExactly("9: group Sales; \"West\" -> [service] service");
    }

    @Test
    void narrowingIsJsonInItsColumn() throws IOException {
        csv("""
                kind;id;accounts;narrowing
                group;Sales;service;"{""service"":{""mailbox"":""own""}}"
                group;Support;service;
                group;Legal;service;"{""current-user"":{}}"
                group;Board;service;"{""service"":{""operations"":[{""method"":""EAT"",""path"":""/me""}]}}"
                group;Desk;service;none
                group;Misspelt;service;"{""service"":{""mailbx"":""own""}}"
                group;Free;service;{}
                group;Double;service;"{} {""service"":{""mailbox"":""none""}}"
                group;Twice;service;"{""service"":{""mailbox"":""none""},""service"":{""mailbox"":""own""}}"
                """);
        read(ImportFormat.JSON, """
                [{"principal":{"kind":"group","id":"Sales"},"accounts":["service"],"narrowing":{"service":{"teams":["T"]}}},
                {"principal":{"kind":"group","id":"Misspelt"},"accounts":["service"],"narrowing":{"service":{"mailbx":"own"}}},
                {"principal":{"kind":"group","id":"Misspelt"},"accounts":["service"],"narowing":{"service":{"mailbox":"own"}}}]""".getBytes(UTF_8));

        assertThat(rows)
                .containsExactly(
                        "2: group Sales -> [service] service {\"service\":{\"mailbox\":\"own\"}}",
                        "3: group Support -> [service] service",
                        "8: group Free -> [service] service {}",
                        "1: group Sales -> [service] service {\"service\":{\"teams\":[\"T\"]}}");
        assertThat(problems)
                .containsExactly(
                        "4 narrowing: narrowing-invalid",
                        "5 narrowing: narrowing-invalid",
                        "6 narrowing: import-not-readable",
                        "7 narrowing: narrowing-invalid",
                        "9 narrowing: import-not-readable",
                        "10 narrowing: import-not-readable",
                        "2 narrowing: narrowing-invalid",
                        "3 : invalid-request");
    }

    @Test
    void lineOfAMegabyteCostsThatLine() throws IOException {
        csv("kind;id;accounts\ngroup;" + "x".repeat(1024 * 1024) + ";service\ngroup;Sales;service");

        assertThat(problems).containsExactly("2 : import-line-too-long");
        assertThat(rows).containsExactly("3: group Sales -> [service] service");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n", "id;accounts\n", "kind;accounts;colour\n", "kind;kind;accounts\n", "PK\u0003\u0004\n"})
    void withoutItsColumnsNothingIsRead(String file) throws IOException {
        csv(file + "group;Sales;service\n".repeat(3));

        assertThat(rows).isEmpty();
        assertThat(problems).containsExactly("1 : import-columns");
    }

    @Test
    void jsonIsReadAssignmentByAssignment() throws IOException {
        read(ImportFormat.JSON, """
                [{"principal":{"kind":"group","id":"Sales"},"accounts":["service"],"id":"of an export"},
                 {"principal":{"kind":"default"},"accounts":["current-user","service"],"default":"service"},
                 {"principal":{"kind":"group","id":"Sales"},"accounts":[]},
                 {"principal":{"kind":"group","id":["a",{"b":1}]},"accounts":["service"]},
                 7,
                 [{"a":1}],
                 {"principal":{"kind":"role","id":"Editor"},"accounts":["service"]}]""".getBytes(UTF_8));

        assertThat(rows)
                .containsExactly(
                        "1: group Sales -> [service] service",
                        "2: default -> [current-user, service] service",
                        "7: role Editor -> [service] service");
        assertThat(problems)
                .containsExactly(
                        "3 accounts: accounts-invalid",
                        "4 principal: import-not-readable",
                        "5 : import-not-readable",
                        "6 : import-not-readable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[", "[{\"accounts\":", "[{\"accounts\":[\"service\"}]", "kind;id\n"})
    void whatIsNoArrayIsRefusedOnce(String file) throws IOException {
        read(ImportFormat.JSON, file.getBytes(UTF_8));

        assertThat(rows).isEmpty();
        assertThat(problems).hasSize(1).allMatch(problem -> problem.endsWith("import-not-readable"));
    }

    @Test
    void textThatNeverEndsIsNotKept() throws IOException {
        read(
                ImportFormat.JSON,
                ("[{\"principal\":{\"kind\":\"group\",\"id\":\"" + "x".repeat(1024 * 1024) + "\"}}]").getBytes(UTF_8));

        assertThat(problems).containsExactly("1 principal: import-not-readable");
    }

    @Test
    void assignmentThatNeverEndsIsNotKept() throws IOException {
        read(
                ImportFormat.JSON,
                ("[{\"principal\":{\"kind\":\"group\",\"id\":\"A\"},\"accounts\":[\"service\"],\"narrowing\":{\"service\":{\"teams\":["
                                + "\"T\",".repeat(1024 * 1024) + "\"T\"]}}}]")
                        .getBytes(UTF_8));

        assertThat(problems).containsExactly("1 : import-line-too-long");
        assertThat(rows).isEmpty();
    }

    private void csv(String text) throws IOException {
        read(ImportFormat.CSV, text.getBytes(UTF_8));
    }

    private void read(ImportFormat format, byte[] bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes);
        format.read(in, this);
    }
}
