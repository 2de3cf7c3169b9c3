package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkRewriterTest {

    private static final Links LINKS =
            new Links("https://graph.microsoft.com", "https://proxy.example/graph/demo/Main/as/0A%2B");
    private static final String PAGE = """
            {"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users('ada%40contoso.example')/messages",
             "value":[{"@odata.etag":"W/\\"CQ\\"","id":"AAMk=","subject":"see @odata.nextLink\\":\\"https://graph.microsoft.com/x",
               "from":"ada@contoso.example","ü":"Grüße @","replies@odata.context":"https://graph.microsoft.com/v1.0/$metadata#c",
               "replies@odata.nextLink":"https://graph.microsoft.com/v1.0/teams/T/messages/1/replies?$skiptoken=A@b"}],
             "@odata.nextLink" : \t"HTTPS://Graph.Microsoft.com/v1.0/me/messages?$top=2&$skip=2",
             "@odata.deltaLink":"https:\\/\\/graph.microsoft.com\\/v1.0\\/me\\/messages\\/delta?$deltatoken=x"}
            """;
    private static final String REWRITTEN = PAGE.replace(
                    "replies@odata.nextLink\":\"https://graph.microsoft.com/",
                    "replies@odata.nextLink\":\"https://proxy.example/graph/demo/Main/as/0A%2B/")
            .replace("HTTPS://Graph.Microsoft.com/", "https://proxy.example/graph/demo/Main/as/0A%2B/")
            .replace("https:\\/\\/graph.microsoft.com\\/", "https://proxy.example/graph/demo/Main/as/0A%2B/");

    @Test
    void linksAreRewrittenAndNothingElse() {
        assertThat(rewritten(PAGE)).isEqualTo(REWRITTEN);
        assertThat(REWRITTEN).contains("subject\":\"see @odata.nextLink\\\":\\\"https://graph.microsoft.com/x");
    }

    @Test
    void piecesMayEndAnywhere() {
        byte[] page = bytes(PAGE);
        for (int cut = 0; cut <= page.length; cut++) {
            assertThat(rewritten(List.of(part(page, 0, cut), part(page, cut, page.length))))
                    .as("cut at %d", cut)
                    .isEqualTo(REWRITTEN);
        }
    }

    @Test
    void piecesMayBeSingleBytes() {
        byte[] page = bytes(PAGE);
        List<Buffer> pieces = java.util.stream.IntStream.range(0, page.length)
                .mapToObj(i -> part(page, i, i + 1))
                .toList();

        assertThat(rewritten(pieces)).isEqualTo(REWRITTEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"@odata.nextLink\":\"https://graph.microsoft.com.evil.example/v1.0/me\"}",
                "{\"@odata.nextLink\":\"https://graph.microsoft.com@evil.example/v1.0/me\"}",
                "{\"@odata.nextLink\":\"https://graph.microsoft.com:444/v1.0/me\"}",
                "{\"@odata.nextLink\":\"https://other.example/v1.0/me\"}",
                "{\"@odata.nextLink\":\"https://graph.microsoft.com\"}",
                "{\"@odata.nextLink\":\"https://graph.micro\"}",
                "{\"@odata.nextLink\":\"\"}",
                "{\"@odata.nextLink\":null}",
                "{\"@odata.nextLink\":[\"https://graph.microsoft.com/v1.0/me\"]}",
                "{\"x\":\"@odata.nextLink\",\"y\":\"https://graph.microsoft.com/v1.0/me\"}",
                "{\"@odata.nextLinks\":\"https://graph.microsoft.com/v1.0/me\"}",
                "{\"@odata.context\":\"https://graph.microsoft.com/v1.0/me\"}",
                "{\"@odata.@odata.\":\"https://graph.microsoft.com/v1.0/me\"}",
                "{\"@microsoft.graph.downloadUrl\":\"https://graph.microsoft.com/v1.0/me\"}",
                "{\"uploadUrl\":\"https://graph.microsoft.com/v1.0/me\"}",
                "{\"@odata.nextLink\":\"https://graph.micr",
                "{\"@odata.next",
                "",
                "@",
            })
    void everythingElseStaysAsItIs(String json) {
        assertThat(rewritten(json)).isEqualTo(json);
        byte[] whole = bytes(json);
        for (int cut = 0; cut <= whole.length; cut++) {
            assertThat(rewritten(List.of(part(whole, 0, cut), part(whole, cut, whole.length))))
                    .isEqualTo(json);
        }
    }

    @Test
    void nameThatBeginsAnewInsideItselfIsFound() {
        assertThat(rewritten("{\"@odata.@odata.nextLink\":\"https://graph.microsoft.com/v1.0/me\"}"))
                .contains("https://proxy.example/graph/demo/Main/as/0A%2B/v1.0/me");
        assertThat(rewritten("{\"@odata.nextLink@odata.deltaLink\":\"https://graph.microsoft.com/v1.0/me\"}"))
                .contains("https://proxy.example/graph/demo/Main/as/0A%2B/v1.0/me");
    }

    @Test
    void pieceWithoutALinkIsPassedOnItself() {
        Buffer piece = Buffer.buffer("{\"value\":[{\"@odata.etag\":\"x\",\"mail\":\"ada@contoso.example\"}]}");

        assertThat(new LinkRewriter(LINKS).rewrite(piece)).isSameAs(piece);
    }

    @Test
    void randomTextInRandomPiecesComesOutAsAPlainSearchWouldRewriteIt() {
        String[] parts = {
            "\"@odata.nextLink\":\"",
            "\"a@odata.deltaLink\" :\n\"",
            "https://graph.microsoft.com/",
            "https://graph.microsoft.com",
            "https:\\/\\/graph.microsoft.com\\/",
            "@odata.",
            "@odata.nextLink",
            "\"",
            ":",
            "\\\"",
            "@",
            "v1.0/me",
            " ",
            ",",
            "ü"
        };
        Random random = new Random(20261122);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            assertThat(rewritten(pieces(bytes(text.toString()), random)))
                    .as("seed 20261122 round %d: %s", round, text)
                    .isEqualTo(searchedAndReplaced(text.toString()));
        }
    }

    /** The same by a regular expression over the whole text. */
    private static String searchedAndReplaced(String text) {
        Pattern link = Pattern.compile(
                "(@odata\\.(?:nextLink|deltaLink)\"[ \\t\\r\\n]*:[ \\t\\r\\n]*\")https:(?:\\\\?/){2}graph\\.microsoft\\.com\\\\?/",
                Pattern.CASE_INSENSITIVE);
        Matcher matcher = link.matcher(text);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(result, Matcher.quoteReplacement(matcher.group(1) + LINKS.callerBase() + "/"));
        }
        return matcher.appendTail(result).toString();
    }

    private static List<Buffer> pieces(byte[] text, Random random) {
        List<Buffer> pieces = new java.util.ArrayList<>();
        int position = 0;
        while (position < text.length) {
            int end = Math.min(text.length, position + 1 + random.nextInt(9));
            pieces.add(part(text, position, end));
            position = end;
        }
        return pieces;
    }

    private static String rewritten(String text) {
        return rewritten(List.of(Buffer.buffer(text)));
    }

    private static String rewritten(List<Buffer> pieces) {
        LinkRewriter rewriter = new LinkRewriter(LINKS);
        Buffer result = Buffer.buffer();
        pieces.forEach(piece -> result.appendBuffer(rewriter.rewrite(piece)));
        return result.appendBuffer(rewriter.end()).toString(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Buffer part(byte[] text, int from, int to) {
        return Buffer.buffer(java.util.Arrays.copyOfRange(text, from, to));
    }
}
